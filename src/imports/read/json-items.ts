import { getManyValues, isMany, none } from 'stream-chain/defs.js'
import { Assembler } from 'stream-json/core/assembler.js'
import { jsonParser, type Token } from 'stream-json/core/parser.js'
import { type ImportFile, UnreadableImport } from '../format.ts'
import { type JsonObject, maxEntryLength, type ReadEntry } from './entry.ts'
import { isRounded, type ReadJson, secureObject } from './json.ts'
import { readText } from './text.ts'

/** An item of an array: of the one that the file is, or of one that stands under a key of the object that the file is. */
export type JsonItem = ReadEntry<JsonObject> & {
  /** The key, such as `users`; `undefined` where the file is an array. */
  under: string | undefined
}

/**
 * The objects in the arrays of a JSON file, one by one; `line` is the number of the item within its array. What stands in
 * the file besides is passed over. Throws `UnreadableImport` when the file is no JSON, or neither array nor object.
 */
export async function* readJsonItems(file: ImportFile): AsyncGenerator<JsonItem, void, undefined> {
  const parse = jsonParser({ packValues: true, streamValues: false })
  const itemsIn = itemCollector()
  const tokensOf = (text: string | typeof none): Token[] => {
    const output = parse(text as string)
    return isMany(output) ? getManyValues(output) : []
  }
  const itemsOf = (text: string | typeof none): JsonItem[] => {
    try {
      return itemsIn(tokensOf(text))
    } catch {
      // The parser's own words quote the file.
      throw new UnreadableImport(`${file.name} is no JSON array or object, or breaks off`)
    }
  }
  for await (const text of readText(file)) yield* itemsOf(text)
  yield* itemsOf(none)
}

/** Puts tokens together, as far as they have come. Throws when the file is neither array nor object. */
function itemCollector(): (tokens: Token[]) => JsonItem[] {
  /** How many arrays and objects are open. */
  let depth = 0
  let isArray = false
  let key: string | undefined
  let line = 0
  let item: ReturnType<typeof itemAssembler> | undefined

  const itemDepth = () => (isArray ? 1 : 2)
  // Below 0 nothing is an item: this is an object under a key.
  const isWithinArray = () => depth === itemDepth() && (isArray || line >= 0)
  const open = (token: Token) => {
    if (depth === 0) isArray = token.name === 'startArray'
    if (depth === 1 && !isArray) line = token.name === 'startArray' ? 0 : -1
  }
  const collect = (token: Token): JsonItem | undefined => {
    const isEnd = token.name === 'endArray' || token.name === 'endObject'
    if (!item && !isEnd && isWithinArray()) item = itemAssembler()
    if (item) item.add(token)
    else if (depth === 0 && !isOpening(token)) throw new Error('neither array nor object')
    else if (depth === 1 && token.name === 'keyValue') key = token.value
    else if (isOpening(token)) open(token)
    depth += isOpening(token) ? 1 : isEnd ? -1 : 0
    if (!item || depth > itemDepth()) return undefined
    const found = { line: ++line, ...item.finish(), under: key }
    item = undefined
    return found
  }
  return (tokens) => tokens.map(collect).filter((found) => found !== undefined)
}

/** One item, of which nothing is kept once it is too long. */
function itemAssembler() {
  let assembler = new Assembler()
  let length = 0
  return {
    add(token: Token): void {
      length += 1 + ('value' in token ? String(token.value).length : 0)
      if (length <= maxEntryLength) assembler.consume(withDigits(token))
      else assembler = new Assembler()
    },
    finish: (): ReadJson =>
      length > maxEntryLength ? { refused: 'an item of more than 1 MiB' } : secureObject(assembler.current),
  }
}

function isOpening(token: Token): boolean {
  return token.name === 'startArray' || token.name === 'startObject'
}

/** Whole numbers that JavaScript would round become text. */
function withDigits(token: Token): Token {
  return token.name === 'numberValue' && isRounded(token.value)
    ? { name: 'stringValue', value: token.value }
    : token
}

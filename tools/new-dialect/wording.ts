import { type Exchange, leavesOf } from './exchange.ts'

/** Names under which answers have sentences and code words, and no data. */
const wordNames =
  /^(message|msg|error|errors|err|code|codes|title|detail|details|reason|status|type|description|hint|success|error_?(code|description|message|type))$/i

/** Names of fields whose words, too, may be repeated in a sentence. */
const namesOfPeople = /name|user|first|last|nick|title|company|org/i

/** A text that is as a word of a protocol has it, whoever asks. */
const protocolWords = ['bearer', 'Bearer', 'application/json', 'about:blank']

export type Wording = ReturnType<typeof wordingOf>

/**
 * Tells words of the API, which may stand in generated files, from data of people, which never may. In doubt a text is
 * data: so is every text that repeats a part of what was sent or of what stands under a name of its own.
 */
export function wordingOf(exchanges: Exchange[]) {
  const data = dataIn(exchanges)
  const repeatsData = (text: string) => {
    const lower = text.toLowerCase()
    const words = new Set(lower.split(/[^\p{L}\p{N}]+/u))
    return data.some(
      (value) => (value.length < 8 && words.has(value)) || (value.length >= 8 && lower.includes(value)),
    )
  }
  return {
    /** The text, where it may be told; else `undefined`. */
    tell(name: string, value: unknown): string | undefined {
      if (typeof value !== 'string' || value.length > 200) return undefined
      if (protocolWords.includes(value)) return value
      const isWord = wordNames.test(name) && !looksLikeData(value)
      return isWord && !repeatsData(value) ? value : undefined
    },
  }
}

/** Addresses, numbers of four digits and more, tokens, and what is no plain sentence. */
function looksLikeData(text: string): boolean {
  return /@|:\/\/|\d{4}|[\w-]{28}|[^\p{L}\p{N}\p{P}\p{Zs}`+=<>]/u.test(text)
}

function dataIn(exchanges: Exchange[]): string[] {
  const found = new Set<string>()
  for (const { body, query, cookies, path, answer, setCookies } of exchanges) {
    const sent = [...leavesOf(body), ...leavesOf(query), ...leavesOf(cookies)]
    const answered = leavesOf(answer).filter(({ name }) => !wordNames.test(name))
    for (const { name, value } of [...sent, ...answered]) addParts(found, name, value)
    for (const { value } of setCookies) addParts(found, '', value)
    for (const step of path.split('/')) if (looksLikeData(step)) addParts(found, '', decodeStep(step))
  }
  for (const word of protocolWords) found.delete(word.toLowerCase())
  return [...found]
}

function addParts(found: Set<string>, name: string, value: unknown): void {
  if (typeof value !== 'string' && typeof value !== 'number') return
  const text = String(value).toLowerCase().trim()
  const parts = namesOfPeople.test(name) ? text.split(/\s+/) : text.split('@')
  // Shorter ones are in every sentence.
  for (const part of [text, ...parts]) if (part.length >= 3) found.add(part)
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

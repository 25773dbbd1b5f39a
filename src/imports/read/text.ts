import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type ImportFile, UnreadableImport } from '../format.ts'

/**
 * The text of a file in pieces that cut no character: UTF-8, or UTF-16 with a byte-order mark, unpacked where it is gzip.
 * Throws `UnreadableImport` when the bytes are neither.
 */
export async function* readText(file: ImportFile): AsyncGenerator<string, void, undefined> {
  const { start, bytes } = await peek(unpack(file))
  const decoder = new TextDecoder(encodingOf(start), { fatal: true })
  try {
    for await (const piece of bytes) {
      const text = decoder.decode(piece, { stream: true })
      if (text) yield text
    }
    const rest = decoder.decode()
    if (rest) yield rest
  } catch (error) {
    if (!hasCode(error, 'ERR_ENCODING_INVALID_ENCODED_DATA')) throw error
    throw new UnreadableImport(`${file.name} is neither UTF-8 nor UTF-16 with a byte-order mark`)
  }
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}

/** No text begins with the first two bytes of gzip. */
async function* unpack(file: ImportFile): AsyncGenerator<Uint8Array, void, undefined> {
  const { start, bytes } = await peek(file.open())
  if (!(start[0] === 0x1f && start[1] === 0x8b)) return yield* bytes
  try {
    yield* pipeline(Readable.from(bytes), createGunzip(), () => {})
  } catch (error) {
    if (!hasCode(error, 'Z_')) throw error
    throw new UnreadableImport(`${file.name} is no whole gzip file`)
  }
}

function hasCode(error: unknown, start: string): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith(start)
}

/** The first two bytes of all, or more of them; and all of them. */
async function peek(
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ start: Uint8Array; bytes: AsyncIterable<Uint8Array> }> {
  const iterator = pieces[Symbol.asyncIterator]()
  let start = new Uint8Array()
  while (start.length < 2) {
    const { done, value } = await iterator.next()
    if (done) break
    start = Buffer.concat([start, value])
  }
  return { start, bytes: following(start, iterator) }
}

async function* following(
  start: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield start
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}

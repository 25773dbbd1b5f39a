import type { Readable } from 'node:stream'

/** What is kept of a body that is passed on meanwhile. */
export interface Collected {
  /** `undefined` when there was more than may be kept. */
  body(): Buffer | undefined
}

/** Keeps what a stream brings, and never slows it down. */
export function collectBody(stream: Readable, maxBytes: number): Collected {
  const chunks: Buffer[] = []
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= maxBytes) chunks.push(chunk)
    else chunks.length = 0
  })
  return { body: () => (length <= maxBytes ? Buffer.concat(chunks) : undefined) }
}

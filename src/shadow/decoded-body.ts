import { brotliDecompressSync, unzipSync, zstdDecompressSync } from 'node:zlib'
import { headersNamed, type ShadowAnswer } from './exchange.ts'

const options = { maxOutputLength: 4 * 1024 * 1024 }

const decoders: Record<string, (body: Buffer) => Buffer> = {
  gzip: (body) => unzipSync(body, options),
  deflate: (body) => unzipSync(body, options),
  br: (body) => brotliDecompressSync(body, options),
  zstd: (body) => zstdDecompressSync(body, options),
}

/** The answer with its body as it was before it was packed; as it is, where nobody can tell. */
export function decodedBody(answer: ShadowAnswer): ShadowAnswer {
  const decode = decoders[headersNamed(answer, 'content-encoding')[0]?.toLowerCase() ?? '']
  if (!decode || answer.body.length === 0) return answer
  try {
    return { ...answer, body: decode(answer.body) }
  } catch {
    return answer
  }
}

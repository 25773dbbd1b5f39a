import { readFileSync } from 'node:fs'

/** The text of a file, or what keeps it from being read. */
export type TextFile = { text: string; problem?: undefined } | { text?: undefined; problem: string }

/** Reads a file in UTF-8, with or without a byte order mark. Names UTF-16, which some editors and shells write. */
export function readTextFile(path: string): TextFile {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    return { problem: 'cannot be read' }
  }
  if (isUtf16(bytes)) return { problem: 'is in UTF-16 and must be in UTF-8' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { problem: 'is not in UTF-8' }
  }
}

/** By its mark, or by the zeros that every ASCII character has there. */
function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes.includes(0)
}

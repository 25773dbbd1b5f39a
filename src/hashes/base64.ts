/**
 * The bytes that base64 or base64url stands for, padded or not; `undefined` when the text is empty, or not written in the
 * only way there is for these bytes, as then it was cut off or changed.
 */
export function readBase64(text: string): Buffer | undefined {
  const plain = text.replace(/={1,2}$/, '')
  const isPaddedRight = plain.length === text.length || text.length % 4 === 0
  const bytes = Buffer.from(plain, 'base64')
  if (bytes.length === 0 || !isPaddedRight) return undefined
  const isBase64 = writeBase64(bytes) === plain || bytes.toString('base64url') === plain
  return isBase64 ? bytes : undefined
}

/** The bytes that an even number of hexadecimal digits in either case stands for; `undefined` when it is no such text. */
export function readHex(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'hex')
  return bytes.length > 0 && bytes.toString('hex') === text.toLowerCase() ? bytes : undefined
}

/** Base64 without padding, as PHC strings have it. */
export function writeBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

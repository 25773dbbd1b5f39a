/** The digits of crypt(3), phpass and Drupal, the lowest first. */
const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Bytes as crypt(3) writes them: three are four digits, of which the lowest comes first. */
export function writeCryptBase64(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3)
    const value = group.readUIntLE(0, group.length)
    for (let digit = 0; digit <= group.length; digit++) text += digits.charAt((value >> (6 * digit)) & 63)
  }
  return text
}

/** The bytes that such a text stands for; `undefined` when it is none, or was cut off. */
export function readCryptBase64(text: string): Buffer | undefined {
  const groups = text.match(/.{1,4}/gs) ?? []
  const bytes = Buffer.concat(
    groups.map((group) => {
      const value = readCryptNumber(group)
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(value & 0xffffff)
      return bytes.subarray(0, group.length - 1)
    }),
  )
  return bytes.length > 0 && writeCryptBase64(bytes) === text ? bytes : undefined
}

/** The number that digits stand for, the lowest first: up to 30 bits. What is no digit counts as 0. */
export function readCryptNumber(text: string): number {
  return [...text].reduceRight((value, digit) => value * 64 + Math.max(0, digits.indexOf(digit)), 0)
}

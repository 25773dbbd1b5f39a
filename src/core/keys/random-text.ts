import type { RealmContext } from '../context.ts'

/** Random text in which every character of the alphabet is as likely as any other. */
export function randomText(ctx: Pick<RealmContext, 'randomBytes'>, alphabet: string, length: number): string {
  // Bytes above the largest multiple would favour the first letters, so they are drawn again.
  const limit = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of ctx.randomBytes(length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}

export const digits = '0123456789'
export const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
export const lettersAndDigits = `${digits}${capitals}abcdefghijklmnopqrstuvwxyz`
/** No two of them look alike. */
export const unambiguous = '23456789abcdefghjkmnpqrstuvwxyz'

import { asBase64 } from '../values/bytes.ts'

/** Both have 64 letters, in another order. */
const base64Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const bcryptLetters = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * The text of a bcrypt hash of which the digest (31 letters), the salt (22 letters, or Base64 of 16 bytes) and the cost are
 * kept apart. A value that is a whole text, or no digest, comes back as it is.
 */
export function bcryptOfParts({ value, salt, cost }: { value: string; salt?: string; cost: number }): string {
  const letters = saltLetters(salt)
  if (!/^[./A-Za-z0-9]{31}$/.test(value) || letters === undefined || !(cost >= 4 && cost <= 31)) return value
  return `$2b$${String(cost).padStart(2, '0')}$${letters}${value}`
}

function saltLetters(salt: string | undefined): string | undefined {
  if (salt !== undefined && /^[./A-Za-z0-9]{22}$/.test(salt)) return salt
  const bytes = asBase64(salt)
  if (bytes?.length !== 16) return undefined
  const letters = bytes.toString('base64').slice(0, 22)
  return [...letters].map((letter) => bcryptLetters[base64Letters.indexOf(letter)]).join('')
}

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { AuthError } from '../../core/errors.ts'

/**
 * The beginning of Base64 of "Salted__", by which an encrypted value is known: Studio sends CryptoJS
 * `AES.encrypt(JSON.stringify(text), key)` (contracts/credebl.md).
 */
const encryptedPrefix = 'U2FsdGVkX1'

/**
 * The password that was meant; plain text is the contract. Throws `credentials_invalid` when the client says that it is
 * encrypted and it is not with this key.
 */
export function readPassword(
  value: string,
  isEncrypted: boolean | undefined,
  key: string | undefined,
): string {
  if (key === undefined || isEncrypted === false) return value
  if (isEncrypted === undefined && !value.startsWith(encryptedPrefix)) return value
  const password = decrypt(value, key)
  if (password !== undefined) return password
  if (isEncrypted) throw new AuthError('credentials_invalid')
  return value
}

/** What was meant by a text that Studio encrypts and others send plain. */
export function readPlainOrEncrypted(value: string, key: string | undefined): string {
  const decrypted = key !== undefined && value.startsWith(encryptedPrefix) ? decrypt(value, key) : undefined
  return decrypted ?? value
}

/** A password as Studio sends it. `salt` is eight random bytes. */
export function encryptPassword(password: string, key: string, salt: Buffer): string {
  const { aesKey, iv } = deriveKey(key, salt)
  const cipher = createCipheriv('aes-256-cbc', aesKey, iv)
  const encrypted = Buffer.concat([cipher.update(JSON.stringify(password)), cipher.final()])
  return Buffer.concat([Buffer.from('Salted__'), salt, encrypted]).toString('base64')
}

function decrypt(value: string, key: string): string | undefined {
  const bytes = Buffer.from(value, 'base64')
  // Node skips what is not Base64; what CryptoJS writes has one spelling.
  if (bytes.toString('base64') !== value || bytes.toString('latin1', 0, 8) !== 'Salted__') return undefined
  try {
    const { aesKey, iv } = deriveKey(key, bytes.subarray(8, 16))
    const decipher = createDecipheriv('aes-256-cbc', aesKey, iv)
    const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()])
    const text: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
    return typeof text === 'string' && text.isWellFormed() ? text : undefined
  } catch {
    return undefined
  }
}

/** OpenSSL's `EVP_BytesToKey` with MD5 and one round, which is what CryptoJS does with a passphrase. */
function deriveKey(passphrase: string, salt: Buffer): { aesKey: Buffer; iv: Buffer } {
  let block = Buffer.alloc(0)
  let derived = Buffer.alloc(0)
  while (derived.length < 48) {
    block = createHash('md5').update(block).update(passphrase).update(salt).digest()
    derived = Buffer.concat([derived, block])
  }
  return { aesKey: derived.subarray(0, 32), iv: derived.subarray(32, 48) }
}

import { createCipheriv, createHash, randomBytes } from 'node:crypto'

/** That of contracts/credebl.md. */
export const key = 'sample-private-key'

/** What Studio sends: CryptoJS `AES.encrypt(JSON.stringify(text), key)`. */
export function encrypt(text: string, passphrase = key): string {
  return encryptText(JSON.stringify(text), passphrase)
}

/** What CryptoJS makes of a text as it is: `AES.encrypt(text, key)`. */
export function encryptText(text: string, passphrase = key): string {
  const salt = randomBytes(8)
  const md5 = (...parts: Buffer[]) => createHash('md5').update(Buffer.concat(parts)).digest()
  const secret = Buffer.concat([Buffer.from(passphrase), salt])
  const first = md5(secret)
  const second = md5(first, secret)
  const iv = md5(second, secret)
  const cipher = createCipheriv('aes-256-cbc', Buffer.concat([first, second]), iv)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.from('Salted__'), salt, body]).toString('base64')
}

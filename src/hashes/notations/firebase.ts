import { readBase64 } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writeFirebaseScrypt } from '../kinds/firebase-scrypt.ts'
import type { KeepSecret, Notation } from '../notation.ts'
import { readCount } from '../parameters.ts'

/** How Supabase and Kratos write hashes of Firebase, with the signer key in each. */
export const firebaseNotations: Notation[] = [
  { form: /^\$fbscrypt\$/, translate: translateSupabase },
  { form: /^\$firescrypt\$/, translate: translateKratos },
]

/** Base64 in either alphabet; numbers as such or as text. */
export interface FirebaseTexts {
  hash: string
  salt: string
  saltSeparator: string
  signerKey: string
  rounds: number
  memCost: number
}

/** Of what Firebase exports and its console shows. Throws `UnusableHash`. */
export function writeFirebase(texts: FirebaseTexts, keepSecret: KeepSecret): string {
  const { saltSeparator, rounds, memCost } = texts
  const separator = saltSeparator === '' ? Buffer.of() : readBase64(saltSeparator)
  const signerKey = readBase64(texts.signerKey)
  if (!signerKey) throw new UnusableHash('firebase-scrypt without its signer key')
  const salt = readBase64(texts.salt)
  const hash = readBase64(texts.hash)
  // It is the encrypted signer key.
  if (!separator || !salt || hash?.length !== signerKey.length)
    throw new UnusableHash('a damaged firebase-scrypt')
  const secretId = keepSecret(signerKey)
  return writeFirebaseScrypt({ ln: memCost, r: rounds, separator, secretId, salt, hash })
}

function translateSupabase(text: string, keepSecret: KeepSecret): string {
  const [, memCost, rounds, saltSeparator = '', signerKey = '', salt = '', hash = ''] =
    /^\$fbscrypt\$v=1,n=(\d+),r=(\d+),p=1(?:,ss=([^,$]*))?(?:,sk=([^,$]*))?\$([^$]+)\$([^$]+)$/.exec(text) ??
    []
  if (memCost === undefined) throw new UnusableHash('a damaged firebase-scrypt')
  const cost = { memCost: readCount(memCost), rounds: readCount(rounds) }
  return writeFirebase({ ...cost, saltSeparator, signerKey, salt, hash }, keepSecret)
}

function translateKratos(text: string, keepSecret: KeepSecret): string {
  const [, memCost, rounds, salt = '', hash = '', saltSeparator = '', signerKey = ''] =
    /^\$firescrypt\$ln=(\d+),r=(\d+),p=1\$([^$]+)\$([^$]+)\$([^$]*)\$([^$]+)$/.exec(text) ?? []
  if (memCost === undefined) throw new UnusableHash('a damaged firebase-scrypt')
  const cost = { memCost: readCount(memCost), rounds: readCount(rounds) }
  return writeFirebase({ ...cost, saltSeparator, signerKey, salt, hash }, keepSecret)
}

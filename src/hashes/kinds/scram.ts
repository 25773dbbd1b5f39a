import { createHash, createHmac } from 'node:crypto'
import { readBase64, writeBase64 } from '../base64.ts'
import { type Derivation, hashOf } from '../derivation.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { pbkdf2From } from './pbkdf2.ts'

const keyBytes = 32

/** Reads `SCRAM-SHA-256$iterations:salt$storedKey:serverKey`, as PostgreSQL keeps it (RFC 5802, RFC 7677). */
export function readScram(text: string): ForeignHash {
  const [, parameters = '', stored = '', server = ''] =
    /^SCRAM-SHA-256\$([^$]*)\$([^$:]*):([^$:]*)$/.exec(text) ?? []
  const derivation = scramFrom(parameters)
  const storedKey = readBase64(stored)
  if (storedKey?.length !== keyBytes || readBase64(server)?.length !== keyBytes)
    throw new UnusableHash('a damaged scram-sha-256')
  return hashOf(derivation, storedKey)
}

/** Of iterations and salt: `4096:…`. */
export function scramFrom(parameters: string): Derivation {
  const [, iterations, salt = ''] = /^(\d{1,12}):([^:$]+)$/.exec(parameters) ?? []
  const saltBytes = readBase64(salt)
  if (iterations === undefined || !saltBytes) throw new UnusableHash('a damaged scram-sha-256')
  const salted = pbkdf2From(`sha256$i=${iterations},l=${keyBytes}$${writeBase64(saltBytes)}`)
  return {
    ...salted,
    recipe: `scram-sha-256$${parameters}`,
    label: `scram-sha-256 ${iterations}`,
    digestOf: async (password) => {
      const key = await salted.digestOf(password)
      if (!key) return undefined
      return createHash('sha256').update(createHmac('sha256', key).update('Client Key').digest()).digest()
    },
  }
}

import { readBase64 } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writeExtendedBcrypt } from '../kinds/bcrypt.ts'
import { writeWholePbkdf2 } from '../kinds/pbkdf2.ts'
import type { Notation } from '../notation.ts'
import { readCount } from '../parameters.ts'

/** How passlib (Python) writes what has no form of its own, also for LDAP. */
export const passlibNotations: Notation[] = [
  { form: /^\$pbkdf2(?:-sha\d+)?\$\d/, translate: translatePbkdf2 },
  { form: /^\{PBKDF2(?:-SHA\d+)?\}/, translate: translatePbkdf2 },
  { form: /^\$bcrypt-sha256\$/, translate: translateBcrypt },
]

/** SHA-1 where no digest is named. */
function translatePbkdf2(text: string): string {
  const [, algorithm = 'sha1', iterations, salt = '', written = ''] =
    /^[${]pbkdf2(?:-(sha\d+))?[$}](\d+)\$([^$]+)\$([^$]+)$/i.exec(text) ?? []
  const saltBytes = readAdaptedBase64(salt)
  const key = readAdaptedBase64(written)
  if (!saltBytes || !key) throw new UnusableHash(`a damaged pbkdf2-${algorithm.toLowerCase()}`)
  return writeWholePbkdf2({
    algorithm: algorithm.toLowerCase(),
    iterations: readCount(iterations),
    salt: saltBytes,
    key,
  })
}

/** Version 2 has an HMAC with the salt as its key, version 1 the digest alone. */
function translateBcrypt(text: string): string {
  const [, type, cost, salt, digest] =
    /^\$bcrypt-sha256\$v=2,t=(2[ab]),r=(\d{1,2})\$([^$]*)\$([^$]*)$/.exec(text) ?? []
  if (type !== undefined) return write('hmac-sha256', { type, cost, salt, digest })
  const [, oldType, oldCost, oldSalt, oldDigest] =
    /^\$bcrypt-sha256\$(2[ab]),(\d{1,2})\$([^$]*)\$([^$]*)$/.exec(text) ?? []
  if (oldType === undefined) throw new UnusableHash('a damaged passlib-bcrypt-sha256')
  return write('sha256-base64', { type: oldType, cost: oldCost, salt: oldSalt, digest: oldDigest })
}

function write(
  prehash: 'hmac-sha256' | 'sha256-base64',
  parts: { type: string; cost?: string; salt?: string; digest?: string },
): string {
  const { type, cost = '', salt = '', digest = '' } = parts
  return writeExtendedBcrypt(`$${type}$${cost.padStart(2, '0')}$${salt}${digest}`, { prehash })
}

/** Base64 without padding, and with a dot for the plus sign. */
function readAdaptedBase64(text: string): Buffer | undefined {
  return readBase64(text.replaceAll('.', '+'))
}

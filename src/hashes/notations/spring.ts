import { readBase64, readHex } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writeDigest } from '../kinds/digest.ts'
import { writePbkdf2 } from '../kinds/pbkdf2.ts'
import { writeScrypt } from '../kinds/scrypt.ts'
import type { Notation } from '../notation.ts'

/** Where the first version of PBKDF2 ends and the second begins. */
const pbkdf2Versions = {
  old: { algorithm: 'sha1', iterations: 185_000, saltBytes: 8 },
  new: { algorithm: 'sha256', iterations: 310_000, saltBytes: 16 },
}

/** How Spring Security writes hashes: `{id}`, and what that encoder has. They come before LDAP's, which look alike. */
export const springNotations: Notation[] = [
  { form: /^\{(?:bcrypt|argon2(?:@\w+)?|ldap)\}/, translate: (text) => text.slice(text.indexOf('}') + 1) },
  { form: /^\{pbkdf2(?:@SpringSecurity_v5_5)?\}/, translate: (text) => translatePbkdf2(text, 'old') },
  { form: /^\{pbkdf2@SpringSecurity_v5_8\}/, translate: (text) => translatePbkdf2(text, 'new') },
  { form: /^\{scrypt(?:@\w+)?\}/, translate: translateScrypt },
  { form: /^\{sha256\}[0-9a-f]{80}$/, translate: translateStandard },
  // LDAP has the first of these names for base64.
  { form: /^\{(?:MD5\}(?:\{|[0-9a-f]{32}$)|SHA-(?:1|256|512)\})/, translate: translateDigest },
]

/** Hexadecimal: the salt, then the key. */
function translatePbkdf2(text: string, version: keyof typeof pbkdf2Versions): string {
  const { algorithm, iterations, saltBytes } = pbkdf2Versions[version]
  const bytes = readHex(text.slice(text.indexOf('}') + 1))
  if (bytes?.length !== saltBytes + 32) throw new UnusableHash('a damaged pbkdf2 of Spring')
  const [salt, key] = [bytes.subarray(0, saltBytes), bytes.subarray(saltBytes)]
  return writePbkdf2({ algorithm, iterations, salt, key })
}

/** `$e0801$salt$key`: a hexadecimal number of the logarithm of N, and a byte each of r and p. */
function translateScrypt(text: string): string {
  const [, ln = '', r = '', p = '', salt = '', written = ''] =
    /^\{[^}]*\}\$([0-9a-f]{1,4})([0-9a-f]{2})([0-9a-f]{2})\$([^$]+)\$([^$]+)$/.exec(text) ?? []
  const saltBytes = readBase64(salt)
  const key = readBase64(written)
  if (!saltBytes || !key) throw new UnusableHash('a damaged scrypt of Spring')
  const [lnNumber, rNumber, pNumber] = [ln, r, p].map((hex) => Number.parseInt(hex, 16)) as [
    number,
    number,
    number,
  ]
  return writeScrypt({ n: 2 ** lnNumber, r: rNumber, p: pNumber, salt: saltBytes, key })
}

/** `StandardPasswordEncoder`: eight bytes of salt, and SHA-256 1024 times. */
function translateStandard(text: string): string {
  const bytes = readHex(text.slice('{sha256}'.length))
  if (!bytes) throw new UnusableHash('a damaged sha256 of Spring')
  const [salt, digest] = [bytes.subarray(0, 8), bytes.subarray(8)]
  return writeDigest({ algorithm: 'sha256', format: '{salt}{password}', salt, digest, rounds: 1024 })
}

/** `MessageDigestPasswordEncoder`: `{salt}`, with its braces part of what is digested, and the digest. */
function translateDigest(text: string): string {
  const [, name = '', salt, written = ''] = /^\{([^}]*)\}(?:\{([^}]*)\})?([^{}]+)$/.exec(text) ?? []
  const algorithm = name.toLowerCase().replace('-', '')
  const digest = readHex(written) ?? readBase64(written)
  if (!digest) throw new UnusableHash('a damaged digest of Spring')
  return writeDigest({
    algorithm,
    format: salt === undefined ? '{password}' : '{password}{{salt}}',
    salt: Buffer.from(salt ?? ''),
    digest,
  })
}

import { readBase64, readHex } from '../base64.ts'
import { readCryptBase64, readCryptNumber } from '../crypt-base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writeScrypt } from '../kinds/scrypt.ts'
import type { Notation } from '../notation.ts'
import { readCount } from '../parameters.ts'

/** What better-auth has fixed. */
const betterAuth = { n: 2 ** 14, r: 16, p: 1, isNfkc: true }

/** How crypt(3), better-auth and Kratos write scrypt. */
export const scryptNotations: Notation[] = [
  { form: /^\$7\$/, translate: translateCrypt },
  { form: /^[0-9a-fA-F]{32}:[0-9a-fA-F]{128}$/, translate: translateBetterAuth },
  // No logarithm is that large: it is Kratos, which writes N itself under the same name.
  { form: /^\$scrypt\$ln=(?:[4-9]\d|3[1-9]|\d{3,12}),/, translate: translateKratos },
]

/** `$scrypt$ln=16384,…`, where PHC strings have the logarithm. */
export function translateKratos(text: string): string {
  const [, n, r, p, salt = '', written = ''] =
    /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(text) ?? []
  const saltBytes = readBase64(salt)
  const key = readBase64(written)
  if (!saltBytes || !key) throw new UnusableHash('a damaged scrypt of Kratos')
  return writeScrypt({ n: readCount(n), r: readCount(r), p: readCount(p), salt: saltBytes, key })
}

/** A digit for N, five each for r and p, the salt as text, and 32 bytes. */
function translateCrypt(text: string): string {
  const [, ln = '', r = '', p = '', salt = '', written = ''] =
    /^\$7\$([./A-Za-z0-9])([./A-Za-z0-9]{5})([./A-Za-z0-9]{5})([^$]+)\$([./A-Za-z0-9]+)$/.exec(text) ?? []
  const key = readCryptBase64(written)
  if (key?.length !== 32) throw new UnusableHash('a damaged scrypt of crypt(3)')
  return writeScrypt({
    n: 2 ** readCryptNumber(ln),
    r: readCryptNumber(r),
    p: readCryptNumber(p),
    salt: Buffer.from(salt),
    key,
  })
}

/** The salt is the text of its digits, not what they stand for. */
function translateBetterAuth(text: string): string {
  const [salt = '', written = ''] = text.split(':')
  const key = readHex(written)
  if (!key) throw new UnusableHash('a damaged better-auth-scrypt')
  return writeScrypt({ ...betterAuth, salt: Buffer.from(salt), key })
}

import { readBase64, readHex } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writeExtendedBcrypt } from '../kinds/bcrypt.ts'
import { writeDigest } from '../kinds/digest.ts'
import { writeWholePbkdf2 } from '../kinds/pbkdf2.ts'
import { writeScrypt } from '../kinds/scrypt.ts'
import type { Notation } from '../notation.ts'
import { readCount } from '../parameters.ts'

/** How Django writes hashes: `algorithm$…`, with salts as text. */
export const djangoNotations: Notation[] = [
  { form: /^pbkdf2_sha\d+\$/, translate: translatePbkdf2 },
  { form: /^scrypt\$/, translate: translateScrypt },
  { form: /^argon2\$argon2/, translate: (text) => text.slice('argon2'.length) },
  { form: /^bcrypt\$\$2/, translate: (text) => text.slice('bcrypt$'.length) },
  {
    form: /^bcrypt_sha256\$\$2/,
    translate: (text) => writeExtendedBcrypt(text.slice('bcrypt_sha256$'.length), { prehash: 'sha256-hex' }),
  },
  { form: /^(?:md5|sha1)\$/, translate: translateDigest },
]

function translatePbkdf2(text: string): string {
  const [, algorithm = '', iterations, salt = '', written = ''] =
    /^pbkdf2_(sha\d+)\$(\d+)\$([^$]+)\$([^$]+)$/.exec(text) ?? []
  const key = readBase64(written)
  if (!key) throw new UnusableHash('a damaged django-pbkdf2')
  return writeWholePbkdf2({ algorithm, iterations: readCount(iterations), salt: Buffer.from(salt), key })
}

function translateScrypt(text: string): string {
  const [, n, salt = '', r, p, written = ''] =
    /^scrypt\$(\d+)\$([^$]+)\$(\d+)\$(\d+)\$([^$]+)$/.exec(text) ?? []
  const key = readBase64(written)
  if (key?.length !== 64) throw new UnusableHash('a damaged django-scrypt')
  return writeScrypt({ n: readCount(n), r: readCount(r), p: readCount(p), salt: Buffer.from(salt), key })
}

/** `md5$salt$hex` of old times; where the salt is empty, of none. */
function translateDigest(text: string): string {
  const [, algorithm = '', salt = '', written = ''] = /^(md5|sha1)\$([^$]*)\$([^$]+)$/.exec(text) ?? []
  const digest = readHex(written)
  if (!digest) throw new UnusableHash('a damaged digest of Django')
  return writeDigest({ algorithm, format: '{salt}{password}', salt: Buffer.from(salt), digest })
}

import { readHex } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writeWholePbkdf2 } from '../kinds/pbkdf2.ts'
import { writeScrypt } from '../kinds/scrypt.ts'
import type { Notation } from '../notation.ts'
import { readCount } from '../parameters.ts'

/** How Werkzeug (Flask) writes hashes: `method:parameters$salt$hex`, with salts as text. */
export const werkzeugNotations: Notation[] = [
  { form: /^scrypt:/, translate: translateScrypt },
  { form: /^pbkdf2:/, translate: translatePbkdf2 },
]

function translateScrypt(text: string): string {
  const [, n, r, p, salt = '', written = ''] = /^scrypt:(\d+):(\d+):(\d+)\$([^$]+)\$([^$]+)$/.exec(text) ?? []
  const key = readHex(written)
  if (key?.length !== 64) throw new UnusableHash('a damaged werkzeug-scrypt')
  return writeScrypt({ n: readCount(n), r: readCount(r), p: readCount(p), salt: Buffer.from(salt), key })
}

function translatePbkdf2(text: string): string {
  const [, algorithm = '', iterations, salt = '', written = ''] =
    /^pbkdf2:(sha\d+):(\d+)\$([^$]+)\$([^$]+)$/.exec(text) ?? []
  const key = readHex(written)
  if (!key) throw new UnusableHash('a damaged werkzeug-pbkdf2')
  return writeWholePbkdf2({ algorithm, iterations: readCount(iterations), salt: Buffer.from(salt), key })
}

import { readBase64 } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writePbkdf2 } from '../kinds/pbkdf2.ts'
import type { Notation } from '../notation.ts'

/** By the number of the pseudo-random function. */
const algorithms = ['sha1', 'sha256', 'sha512']

const minSaltBytes = 16

/** How ASP.NET Identity writes PBKDF2: base64 of bytes that begin with the version of their layout. */
export const aspnetNotations: Notation[] = [
  // Nothing else that is known begins with a zero or a one and is as long.
  { form: /^A[A-Za-f][A-Za-z0-9+/]{50,1000}={0,2}$/, translate: translateAspnet },
]

/** Layout 0 is of Identity 2, layout 1 of all since. Throws `UnusableHash`. */
export function translateAspnet(text: string): string {
  const bytes = readBase64(text)
  if (!bytes) throw new UnusableHash('a damaged aspnet-identity')
  const version = bytes.readUInt8()
  if (version > 1) throw new UnusableHash(`aspnet-identity of layout ${version}`)
  return writePbkdf2(version === 0 ? readOld(bytes) : readNew(bytes))
}

function readOld(bytes: Buffer) {
  if (bytes.length !== 49) throw new UnusableHash('a damaged aspnet-identity')
  return { algorithm: 'sha1', iterations: 1000, salt: bytes.subarray(1, 17), key: bytes.subarray(17) }
}

/** Four bytes each, the highest first: function, iterations, length of the salt. */
function readNew(bytes: Buffer) {
  if (bytes.length < 13) throw new UnusableHash('a damaged aspnet-identity')
  const algorithm = algorithms[bytes.readUInt32BE(1)]
  const iterations = bytes.readUInt32BE(5)
  const saltBytes = bytes.readUInt32BE(9)
  const [salt, key] = [bytes.subarray(13, 13 + saltBytes), bytes.subarray(13 + saltBytes)]
  if (algorithm === undefined || salt.length < minSaltBytes || key.length === 0)
    throw new UnusableHash('a damaged aspnet-identity')
  return { algorithm, iterations, salt, key }
}

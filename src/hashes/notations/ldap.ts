import { readBase64 } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writeDigest } from '../kinds/digest.ts'
import type { Notation } from '../notation.ts'

/** By the name of the scheme: the algorithm, and how many bytes come before the salt. */
const schemes: Record<string, [algorithm: string, digestBytes: number]> = {
  MD5: ['md5', 16],
  SHA: ['sha1', 20],
  SHA256: ['sha256', 32],
  SHA384: ['sha384', 48],
  SHA512: ['sha512', 64],
}

/** How directories write hashes (RFC 2307): `{SCHEME}` and base64, or what crypt(3) has. */
export const ldapNotations: Notation[] = [
  { form: /^\{S?(?:MD5|SHA|SHA256|SHA384|SHA512)\}/i, translate: translateDigest },
  {
    form: /^\{(?:CRYPT|BLF-CRYPT|MD5-CRYPT|SHA256-CRYPT|SHA512-CRYPT|ARGON2ID?)\}/i,
    translate: (text) => text.slice(text.indexOf('}') + 1),
  },
]

/** The salt is what is left behind the digest. */
function translateDigest(text: string): string {
  const [, salted, name = '', written = ''] =
    /^\{(S?)(MD5|SHA|SHA256|SHA384|SHA512)\}(.*)$/is.exec(text) ?? []
  const scheme = schemes[name.toUpperCase()]
  const bytes = readBase64(written)
  if (!scheme || !bytes) throw new UnusableHash(`a damaged ${text.slice(0, text.indexOf('}') + 1)}`)
  const [algorithm, digestBytes] = scheme
  const isWhole = salted ? bytes.length > digestBytes : bytes.length === digestBytes
  if (!isWhole) throw new UnusableHash(`a damaged ${text.slice(0, text.indexOf('}') + 1)}`)
  return writeDigest({
    algorithm,
    format: '{password}{salt}',
    salt: bytes.subarray(digestBytes),
    digest: bytes.subarray(0, digestBytes),
  })
}

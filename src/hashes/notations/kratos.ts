import { readBase64, readHex } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writeDigest } from '../kinds/digest.ts'
import type { KeepSecret, Notation } from '../notation.ts'

/** By the names that Kratos has for formats of crypt(3). */
const cryptFormats: Record<string, string> = {
  '$md5-crypt$': '$1$',
  '$sha256-crypt$': '$5$',
  '$sha512-crypt$': '$6$',
}

/** How Kratos writes imported digests. */
export const kratosNotations: Notation[] = [
  { form: /^\$(?:md5|sha1|sha256|sha512)\$pf=/, translate: translateDigest },
  { form: /^\$md5\$[A-Za-z0-9+/]{22}==$/, translate: translateDigest },
  { form: /^\$hmac-/, translate: translateHmac },
  {
    form: /^\$(?:md5|sha256|sha512)-crypt\$/,
    translate: (text) => text.replace(/^\$\w+-crypt\$/, (name) => cryptFormats[name] ?? name),
  },
]

/** Base64, all of it; the format has `{SALT}` and `{PASSWORD}`. MD5 may come without format and salt. */
function translateDigest(text: string): string {
  const [, algorithm = '', format, salt = '', written = ''] =
    /^\$(md5|sha1|sha256|sha512)\$(?:pf=([^$]+)\$([^$]+)\$)?([^$]+)$/.exec(text) ?? []
  const saltBytes = salt === '' ? Buffer.of() : readBase64(salt)
  const formatBytes = format === undefined ? Buffer.from('{PASSWORD}') : readBase64(format)
  const digest = readBase64(written)
  if (!saltBytes || !formatBytes || !digest) throw new UnusableHash('a damaged digest of Kratos')
  return writeDigest({ algorithm, format: ourFormat(formatBytes.toString()), salt: saltBytes, digest })
}

/** In lower case, which a format would have taken for letters. */
function ourFormat(format: string): string {
  if (/\{(?:salt|password|md5hex)/.test(format)) throw new UnusableHash('a digest of an unknown format')
  return format.replaceAll('{SALT}', '{salt}').replaceAll('{PASSWORD}', '{password}')
}

/** Base64 of the hexadecimal digest, and of the key. */
function translateHmac(text: string, keepSecret: KeepSecret): string {
  const [, algorithm = '', written = '', key = ''] = /^\$hmac-([a-z0-9]+)\$([^$]+)\$([^$]+)$/.exec(text) ?? []
  const digest = readHex(readBase64(written)?.toString() ?? '')
  const keyBytes = readBase64(key)
  if (!digest || !keyBytes) throw new UnusableHash('a damaged hmac')
  const secretId = keepSecret(keyBytes)
  return writeDigest({ algorithm, format: '{password}', salt: Buffer.of(), digest, secretId })
}

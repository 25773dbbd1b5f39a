import type { ImportRecord } from '../../core/imports/neutral.ts'

type Password = Pick<ImportRecord, 'passwordHash' | 'password'>

/** By what a text begins with, where it is not what others mean by it. */
const ownForms: [start: string, read: (parts: string[], stored: string) => Password][] = [
  // The number after `ln` is N itself, where others write its logarithm.
  ['$scrypt$', (_, stored) => ({ password: { kind: 'scrypt-kratos', hash: stored } })],
  ['$firescrypt$', readFirebase],
  ['$sha1$', readDigest],
  ['$sha256$', readDigest],
  ['$sha512$', readDigest],
  ['$md5$', readDigest],
  ['$hmac-', readHmac],
  ['$md5-crypt$', (_, stored) => ({ passwordHash: stored.replace('$md5-crypt', '$1') })],
  ['$sha256-crypt$', (_, stored) => ({ passwordHash: stored.replace('$sha256-crypt', '$5') })],
  ['$sha512-crypt$', (_, stored) => ({ passwordHash: stored.replace('$sha512-crypt', '$6') })],
]

/**
 * A hash as Ory Kratos keeps it, in words that do not need to know of Kratos (its `hash/hash_comparator.go`). What is cut
 * off or unknown is handed on as it is, so that those who read hashes say what is wrong with it.
 */
export function readKratosHash(stored: string): Password {
  const [, read] = ownForms.find(([start]) => stored.startsWith(start)) ?? []
  return read?.(stored.split('$').slice(1), stored) ?? { passwordHash: stored }
}

/** `$firescrypt$ln=14,r=8,p=1$salt$hash$separator$signer`, where `ln` is Firebase's `mem_cost`. */
function readFirebase(parts: string[], stored: string): Password {
  const [, parameters = '', salt = '', hash = '', saltSeparator = '', signerKey = ''] = parts
  const [, memCost, rounds] = /^ln=(\d{1,2}),r=(\d{1,2}),p=1$/.exec(parameters) ?? []
  if (parts.length !== 6 || !memCost || !rounds || !hash) return { passwordHash: stored }
  return {
    password: {
      kind: 'firebase-scrypt',
      hash,
      salt,
      saltSeparator,
      signerKey,
      rounds: Number(rounds),
      memCost: Number(memCost),
    },
  }
}

/** `$sha256$pf=<Base64 of a format>$salt$hash`, and `$md5$hash`, which has neither format nor salt. */
function readDigest(parts: string[], stored: string): Password {
  const [algorithm = '', ...rest] = parts
  if (algorithm === 'md5' && rest.length === 1 && rest[0])
    return { password: digestOf({ algorithm, hash: rest[0], format: '{password}' }) }
  const [written = '', salt = '', hash = ''] = rest
  const format = formatOf(written)
  if (rest.length !== 3 || format === undefined || !hash) return { passwordHash: stored }
  return { password: digestOf({ algorithm, hash, format, salt, saltEncoding: 'base64' }) }
}

function digestOf(given: {
  algorithm: string
  hash: string
  format: string
  salt?: string
  saltEncoding?: string
}) {
  return { kind: 'digest', encoding: 'base64', ...given }
}

/** Kratos writes the names of a format in capitals. */
function formatOf(written: string): string | undefined {
  if (!written.startsWith('pf=')) return undefined
  const format = Buffer.from(written.slice('pf='.length), 'base64').toString('utf8')
  return format.replaceAll('{SALT}', '{salt}').replaceAll('{PASSWORD}', '{password}')
}

/** `$hmac-sha256$<Base64 of the hex digest>$<Base64 of the key>`. */
function readHmac(parts: string[], stored: string): Password {
  const [name = '', digest = '', key = ''] = parts
  const hash = Buffer.from(digest, 'base64').toString('utf8')
  if (parts.length !== 3 || !/^[0-9a-f]+$/.test(hash) || !key) return { passwordHash: stored }
  const algorithm = name.slice('hmac-'.length)
  return {
    password: {
      kind: 'hmac',
      hash,
      algorithm,
      key,
      keyEncoding: 'base64',
      format: '{password}',
      encoding: 'hex',
    },
  }
}

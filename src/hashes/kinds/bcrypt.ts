import { createHash, createHmac } from 'node:crypto'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { isWithin, readParameters } from '../parameters.ts'

/** The highest cost: about a second's work. */
const maxCost = 14

/** WordPress hashes no password that is longer. */
const maxWordpressBytes = 4096

/**
 * What is hashed in a password's place, by the name that it has in stored texts; `undefined` where no password can be the
 * right one. The salt is that of the bcrypt hash, as text.
 */
const prehashes = {
  /** bcrypt takes a NUL for the end, so that all passwords with the same beginning would be right. */
  none: (password: string) => (password.includes('\0') ? undefined : password),
  'sha256-hex': (password: string) => createHash('sha256').update(password).digest('hex'),
  'sha256-base64': (password: string) => createHash('sha256').update(password).digest('base64'),
  'hmac-sha256': (password: string, salt: string) =>
    createHmac('sha256', salt).update(password).digest('base64'),
  wordpress: (password: string) => {
    const bytes = Buffer.from(trimAsPhp(password))
    if (bytes.length > maxWordpressBytes) return undefined
    return createHmac('sha384', 'wp-sha384').update(bytes).digest('base64')
  },
}

/** PHP's `trim`. Loops, as a regular expression for the end takes quadratic time. */
function trimAsPhp(text: string): string {
  const isBlank = (at: number) => ' \t\n\r\0\x0b'.includes(text.charAt(at))
  let start = 0
  let end = text.length
  while (start < end && isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  return text.slice(start, end)
}

type Prehash = keyof typeof prehashes

/** What a bcrypt hash needs besides its text. */
export interface BcryptExtras {
  prehash: Prehash
  /** Of the pepper that stands behind the password. */
  secretId?: string
}

/** Reads `$2a$`, `$2b$` and `$2y$`, which mean the same today. Only 72 bytes of what is hashed count. */
export function readBcrypt(
  text: string,
  { prehash, secretId }: BcryptExtras = { prehash: 'none' },
): ForeignHash {
  if (text.startsWith('$2x$')) throw new UnusableHash('bcrypt $2x$')
  const cost = Number(/^\$2[aby]\$(\d\d)\$/.exec(text)?.[1])
  if (!Number.isNaN(cost) && !isWithin(cost, 4, maxCost)) throw new UnusableHash(`bcrypt of cost ${cost}`)
  // The last characters of salt and digest hold bits that nothing stands for.
  const form = /^\$2[aby]\$\d\d\$([./A-Za-z0-9]{21}[.Oeu])[./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/
  const [, salt] = form.exec(text) ?? []
  if (salt === undefined) throw new UnusableHash('a damaged bcrypt')
  // The library takes `$2y$` for no hash at all.
  const known = `$2b${text.slice(3)}`

  return {
    label: `bcrypt ${cost}`,
    costMs: 53 * 2 ** (cost - 10),
    runsOn: 'pool',
    ...(secretId !== undefined && { secretId }),
    isFast: false,
    matches: async (password, secret) => {
      if (password === '' || (secretId !== undefined && !secret)) return false
      const hashed = prehashes[prehash](password, salt)
      if (hashed === undefined) return false
      const bytes = Buffer.concat([
        Buffer.from(hashed),
        secret && secretId !== undefined ? secret : Buffer.of(),
      ])
      // Most servers never see such a hash.
      const { default: bcrypt } = await import('bcrypt')
      return bcrypt.compare(bytes, known)
    },
  }
}

/** Reads `$md$bcrypt$prehash=…,secret=…$2b$…`: bcrypt of something else than the password alone. */
export function readExtendedBcrypt(text: string): ForeignHash {
  const [, parameters = '', hash] = /^\$md\$bcrypt\$([^$]*)(\$2.*)$/s.exec(text) ?? []
  const read = readParameters(parameters, ['prehash', 'secret'])
  const { prehash = 'none', secret: secretId } = read ?? {}
  if (!read || hash === undefined || !Object.hasOwn(prehashes, prehash))
    throw new UnusableHash('a damaged bcrypt')
  return readBcrypt(hash, { prehash: prehash as Prehash, ...(secretId !== undefined && { secretId }) })
}

/** Writes what `readExtendedBcrypt` reads. */
export function writeExtendedBcrypt(hash: string, { prehash, secretId }: BcryptExtras): string {
  const parameters = [
    ...(prehash === 'none' ? [] : [`prehash=${prehash}`]),
    ...(secretId === undefined ? [] : [`secret=${secretId}`]),
  ]
  return `$md$bcrypt$${parameters.join(',')}${hash}`
}

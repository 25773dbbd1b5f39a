import { type BinaryLike, scrypt } from 'node:crypto'
import { readBase64, writeBase64 } from '../base64.ts'
import { type Derivation, hashOf } from '../derivation.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { isWithin, readCount } from '../parameters.ts'

/** What a hash may use: 128 · N · r. */
const maxMemoryBytes = 128 * 1024 * 1024
const maxLanes = 16
/** Each lane has a block of 128 · r besides. */
const maxBlockSize = 1024
const minKeyBytes = 16
const maxKeyBytes = 512

/** N=2^14 and r=8 take 46 ms. */
const msPerBlock = 46 / (2 ** 14 * 8)

/** What scrypt works with: N is 2 to the power of `ln`. */
export interface ScryptCost {
  ln: number
  r: number
  p: number
}

/** A hash with everything told. */
export interface ScryptHash {
  /** N itself. */
  n: number
  r: number
  p: number
  salt: Buffer
  key: Buffer
  /** Whether the password is brought into NFKC first, as better-auth does. */
  isNfkc?: boolean
}

/** Reads `$scrypt$ln=…,r=…,p=…$salt$key`, as PHC strings are written, and the same with `,nfkc=1`. */
export function readScrypt(text: string): ForeignHash {
  const [, cost = '', more = '', salt = '', written = ''] =
    /^\$scrypt\$(ln=\d+,r=\d+,p=\d+)((?:,nfkc=1)?)\$([^$]*)\$([^$]*)$/.exec(text) ?? []
  const key = readBase64(written)
  const derivation = scryptFrom(`${cost},l=${key?.length ?? minKeyBytes}${more}$${salt}`)
  if (!key) throw new UnusableHash('a damaged scrypt')
  return hashOf(derivation, key)
}

/** Writes what `readScrypt` reads. Throws `UnusableHash` where N is no power of two. */
export function writeScrypt({ n, r, p, salt, key, isNfkc }: ScryptHash): string {
  const ln = Math.log2(n)
  if (!Number.isInteger(ln)) throw new UnusableHash(`scrypt of N=${n}`)
  const more = isNfkc ? ',nfkc=1' : ''
  return `$scrypt$ln=${ln},r=${r},p=${p}${more}$${writeBase64(salt)}$${writeBase64(key)}`
}

/** Of `ln=…,r=…,p=…,l=…`, where `l` is the length of the key, perhaps `,nfkc=1`, and the salt. */
export function scryptFrom(parameters: string): Derivation {
  const [, ln, r, p, l, more, salt = ''] =
    /^ln=(\d+),r=(\d+),p=(\d+),l=(\d+)((?:,nfkc=1)?)\$([^$]*)$/.exec(parameters) ?? []
  if (l === undefined) throw new UnusableHash('a damaged scrypt')
  const cost = { ln: readCount(ln), r: readCount(r), p: readCount(p) }
  refuseDear('scrypt', cost)
  const saltBytes = readBase64(salt)
  const keyBytes = readCount(l)
  if (!saltBytes || !isWithin(keyBytes, minKeyBytes, maxKeyBytes)) throw new UnusableHash('a damaged scrypt')
  return {
    recipe: `scrypt$${parameters}`,
    label: `scrypt 2^${cost.ln},r=${cost.r},p=${cost.p}`,
    costMs: scryptCostMs(cost),
    runsOn: 'pool',
    isFast: false,
    digestOf: (password) =>
      runScrypt(more ? password.normalize('NFKC') : password, saltBytes, { ...cost, keyBytes }),
  }
}

/** Throws `UnusableHash` where it would need more than it may, or where there is no such scrypt. */
export function refuseDear(kind: string, { ln, r, p }: ScryptCost): void {
  const isAffordable =
    isWithin(ln, 1, 30) &&
    isWithin(r, 1, maxBlockSize) &&
    isWithin(p, 1, maxLanes) &&
    // RFC 7914 has no larger N for so small blocks.
    ln < 16 * r &&
    128 * 2 ** ln * r <= maxMemoryBytes
  if (!isAffordable) throw new UnusableHash(`${kind} of N=2^${ln}, r=${r}, p=${p}`)
}

/** CPU time in milliseconds. */
export function scryptCostMs({ ln, r, p }: ScryptCost): number {
  return 2 ** ln * r * p * msPerBlock
}

/** Runs on libuv's threads. */
export function runScrypt(
  password: BinaryLike,
  salt: Buffer,
  { ln, r, p, keyBytes }: ScryptCost & { keyBytes: number },
): Promise<Buffer> {
  // What OpenSSL counts besides the table is less than the table again.
  const options = { N: 2 ** ln, r, p, maxmem: 2 * maxMemoryBytes + 128 * r * p }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, keyBytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

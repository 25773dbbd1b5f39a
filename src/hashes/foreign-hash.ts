/** A password hash that another system has made, read from its stored text. */
export interface ForeignHash {
  /** Its kind and what it costs, such as `bcrypt 12`: hashes are grouped by it. Holds no salt and no digest. */
  label: string
  /** CPU time of a check in milliseconds: measured for one cost of each kind, and scaled from there. */
  costMs: number
  /** Where a check works: on libuv's threads, or in the calling thread, which therefore must be a worker. */
  runsOn: 'pool' | 'caller'
  /** Of the secret that it was made with, such as a pepper. */
  secretId?: string
  /** Whether it is the password, byte for byte; compared in constant time. Without the secret that it needs, it is not. */
  matches(password: string, secret?: Buffer): Promise<boolean>
  /** Whether it is so quick to compute that it must not rest in a database as it is. */
  isFast: boolean
  /** What can be hashed once more in its place; absent where only a library sees the digest: bcrypt and argon2. */
  legacy?: LegacyDigest
}

/** A digest, and how it comes from a password. */
interface LegacyDigest {
  /** Kind, parameters and salt, from which the digest of a password is computed again; not the digest. */
  recipe: string
  digest: Buffer
}

/** Why a hash cannot be used: its kind is none of ours, or refused by its name, or it is cut off, or costs too much. */
export class UnusableHash extends Error {
  /** For reports; holds nothing of the hash but its kind and parameters. */
  readonly reason: string

  constructor(reason: string) {
    super(`the hash cannot be used: ${reason}`)
    this.name = 'UnusableHash'
    this.reason = reason
  }
}

/** A password hash that another system has made, read from its stored text. */
export interface ForeignHash {
  /** Its kind and what it costs, such as `bcrypt 12`: hashes are grouped by it. Holds no salt and no digest. */
  label: string
  /** CPU time of a check in milliseconds, as measured in `../shared/design/switching.md` B.2 or scaled from there. */
  costMs: number
  /** Where a check works: on libuv's threads, or in the calling thread, which therefore must be a worker. */
  runsOn: 'pool' | 'caller'
  /** Of the secret that it was made with, such as a pepper. */
  secretId?: string
  /** Whether it is the password, byte for byte; compared in constant time. Without the secret that it needs, it is not. */
  matches(password: string, secret?: Buffer): Promise<boolean>
  /** Where the hash is too fast to rest in a database: what is hashed once more. */
  fast?: FastDigest
}

/** A digest that is quick to compute. */
export interface FastDigest {
  /** Kind, parameters and salt, from which the digest of a password is computed again; not the digest. */
  recipe: string
  digest: Buffer
  digestOf(password: string, secret?: Buffer): Buffer | undefined
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

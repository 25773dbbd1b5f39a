/**
 * An account as it comes from another system: the neutral form of every import, one JSON object a line in a file. What is
 * absent is unknown; no text is empty. Times are ISO 8601 in UTC, and anything with an offset is turned into that.
 */
export interface ImportRecord {
  /** The system: `[a-z0-9._-]{1,64}`. */
  source: string
  /** What the system calls the account; the same one is imported once. */
  sourceId: string
  /** What the account is to be called here: the old id, which apps key their data by. */
  id?: string
  email?: string
  emailVerified?: boolean
  username?: string
  /** As E.164, or as near to it as the system has it. */
  phone?: string
  phoneVerified?: boolean
  /** A hash whose text says by itself what it is: bcrypt, PHC, crypt(3) and the like. */
  passwordHash?: string
  /** Any other hash. */
  password?: GivenHash
  /** The dialect whose old server knows the password. */
  passwordPending?: string
  disabled?: boolean
  /** When it is enabled again by itself, where it is. */
  disabledUntil?: string
  createdAt?: string
  lastSignInAt?: string
  /** When a service has invited the person, if one has. */
  invitedAt?: string
  /** IPs from which the person has signed in, the latest first. */
  knownAddresses?: string[]
  profile?: Record<string, unknown>
  /** What the person must not write: roles, plans. */
  attributes?: Record<string, unknown>
  totp?: ImportedTotp[]
  /** As the person has them. */
  recoveryCodes?: string[]
  identities?: { provider: string; subject: string }[]
  sessions?: { refreshHash: string; client?: string; expiresAt: string }[]
}

/** An authenticator's secret. */
export interface ImportedTotp {
  /** Base32 (RFC 4648). */
  secret: string
  algorithm: string
  digits: number
  period: number
  name?: string
}

/**
 * A hash with what its text does not say. `kind` is one of those of `docs/switching.md`; parameters are by name, such as
 * `salt`, `saltEncoding`, `pepper`, `signerKey`.
 */
export interface GivenHash {
  kind: string
  hash: string
  [parameter: string]: unknown
}

/** What a format makes of one entry of its files. */
export type ImportEntry = EntryPlace &
  (
    | {
        record: ImportRecord
        /** What the system has and this one does not take, a reason each, such as `totp: 8 digits`. */
        dropped?: string[]
      }
    /** It cannot be read; no person's data is in the reason. */
    | { refused: string }
    /** It is no account for people, such as a service's; no person's data is in the reason. */
    | { skipped: string }
  )

/** Where an entry begins. */
export interface EntryPlace {
  /** Name of the file. */
  file: string
  /** From 1: the line, or where lines mean nothing the number of the entry. */
  line: number
}

/** What a value on a dialect's wire is, where two servers that do the same need not agree on it. */
export type FieldClass =
  /** Opens something: access and refresh tokens, challenges, secrets of mails. */
  | 'token'
  | 'id'
  | 'time'
  /** A number that grows, or a rest that shrinks. */
  | 'counter'
  /** An e-mail address, a user name or a phone number: whose request it is. */
  | 'name'
  | 'password'
  /** The secret of a TOTP authenticator, in base32. */
  | 'totp'
  /** What an authenticator shows, or a recovery code. */
  | 'code'

/** Where a dialect's wire has values that each server makes for itself. */
export interface WireFields {
  /** By the names that they have in bodies, queries, cookies and headers. */
  fields: Record<string, FieldClass>
  /** Paths that hold such a value, with its class where it stands: `/sessions/{id}`. */
  paths: string[]
  /** Paths of requests that have a secret sent by mail or SMS. */
  mails: string[]
  /** Headers of answers that hold an address, besides `location`. */
  addressHeaders?: string[]
}

import type { AccountRow } from '../../store/schema.ts'

/**
 * What doors may show of an account. `null` where there is none yet; times are epoch milliseconds; `profile` is what it says
 * of its person, and `attributes` what its person must not write, both as JSON.
 */
export type Account = Pick<
  AccountRow,
  | 'id'
  | 'username'
  | 'email'
  | 'email_verified_at'
  | 'email_seen_through'
  | 'phone'
  | 'phone_verified_at'
  | 'profile'
  | 'attributes'
  | 'signed_up_through'
  | 'invited_at'
  | 'last_sign_in_at'
  | 'disabled_at'
  | 'disabled_until'
  | 'created_at'
  | 'updated_at'
>

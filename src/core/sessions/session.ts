import type { SessionRow } from '../../store/schema.ts'

/**
 * What doors may show of a session; times are epoch milliseconds. `methods` is how its person has signed in: a list of
 * authentication method references (RFC 8176) as JSON, with `email:` and what it was for where that was a mail.
 */
export type Session = Pick<
  SessionRow,
  | 'id'
  | 'account_id'
  | 'client_id'
  | 'created_at'
  | 'last_used_at'
  | 'idle_expires_at'
  | 'absolute_expires_at'
  | 'user_agent'
  | 'device'
  | 'ip'
  | 'methods'
  | 'second_factor_at'
>

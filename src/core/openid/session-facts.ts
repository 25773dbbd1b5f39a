import type { SessionRow } from '../../store/schema.ts'

/** What the tokens of a session say of its authorization; nothing secret. */
export interface OpenidSessionFacts {
  /** Separated by spaces, as it was granted. */
  scope: string
  /** The name that the client has of the session (OpenID Connect Back-Channel Logout §2.1). */
  sid?: string
  acr?: string
  amr?: string[]
  /** Epoch seconds. */
  authTime?: number
  /** The `claims` parameter (OpenID Connect Core §5.5). */
  claims?: object
  /** The resources that were asked for (RFC 8707). */
  resource?: string | string[]
  /** The thumbprint of the key that refresh tokens are bound to (RFC 9449). */
  jkt?: string
  /** The grant type by which it began. */
  gty?: string
  /** What was granted, as the protocol library has it: every token of the session is made within it. */
  grant?: object
}

const read = new WeakMap<Pick<SessionRow, 'openid'>, OpenidSessionFacts>()

/** What is kept of a session of the `openid` door; read once of a row. */
export function readFacts(session: Pick<SessionRow, 'openid'>): OpenidSessionFacts {
  const facts = read.get(session) ?? (session.openid === null ? { scope: '' } : JSON.parse(session.openid))
  read.set(session, facts)
  return facts
}

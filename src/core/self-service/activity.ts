import type { AccountRow, AuditRow, SessionRow } from '../../store/schema.ts'
import type { AuditPosition } from '../../store/tables/audit.ts'
import { identifierKey } from '../accounts/identifiers.ts'
import { subjectsOfKey } from '../audit/audit.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { Context } from '../context.ts'
import type { Caller } from '../sessions/sessions.ts'

const pageSize = 50

/** A page of what has happened to an account. */
export interface Activity {
  /** Newest first. */
  rows: AuditRow[]
  /** Those that rows tell of, by their ids, as far as they are still kept. */
  sessions: Map<string, SessionRow>
  /** Where older rows begin; `undefined` where there are none. */
  older?: AuditPosition
}

/**
 * The newest 50 rows of the audit trail about the caller's account, older than `before` if that is given. What was typed
 * as its address or number, and names no account, is among them since the account has proven that to be its own: what
 * was before may be about somebody else.
 */
export async function listActivity(
  ctx: Context,
  { account }: Caller,
  filter: { events: readonly AuditEvent[]; outcome?: 'success'; before?: AuditPosition },
): Promise<Activity> {
  const found = await ctx.store.audit.listActivity({
    ...filter,
    accountId: account.id,
    names: provenNames(ctx, account),
    max: pageSize + 1,
  })
  const rows = found.slice(0, pageSize)
  const ids = [...new Set(rows.flatMap(({ session_id }) => session_id ?? []))]
  const sessions = await ctx.store.sessions.among(ids, account.id)
  const last = rows.at(-1)
  return {
    rows,
    sessions: new Map(sessions.map((session) => [session.id, session])),
    older: last && found.length > pageSize ? { at: last.at, id: last.id } : undefined,
  }
}

function provenNames(ctx: Context, { email, email_verified_at, phone, phone_verified_at }: AccountRow) {
  const nameOf = (key: string, since: number) => ({ subjects: subjectsOfKey(ctx, key), since })
  return [
    ...(email !== null && email_verified_at !== null
      ? [nameOf(identifierKey({ email }), email_verified_at)]
      : []),
    ...(phone !== null && phone_verified_at !== null
      ? [nameOf(identifierKey({ phone }), phone_verified_at)]
      : []),
  ]
}

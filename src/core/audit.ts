import type { AnyContext } from './context.ts'

export type AuditEvent =
  | 'account.created'
  | 'email.verified'
  | 'password.changed'
  | 'password.reset'
  | 'password.reset_requested'
  | 'second_factor.disabled'
  | 'second_factor.enabled'
  | 'second_factor.recovery_code_used'
  | 'session.ended'
  | 'session.refresh'
  | 'session.reuse_detected'
  | 'sign_in'

export interface AuditEntry {
  outcome: 'success' | 'refused'
  accountId?: string
  sessionId?: string
  /** Why, in a word; never a secret and never what a person typed. */
  detail?: string
}

/** Writes what happened into the audit trail and, as one line, into the log. */
export async function recordEvent(ctx: AnyContext, event: AuditEvent, entry: AuditEntry): Promise<void> {
  const row = {
    event,
    outcome: entry.outcome,
    account_id: entry.accountId ?? null,
    session_id: entry.sessionId ?? null,
    client_id: ctx.client?.id ?? null,
    dialect: ctx.door?.dialect ?? null,
    ip: ctx.origin?.ip ?? null,
    detail: entry.detail ?? null,
  }
  await ctx.store.audit.add({ ...row, id: ctx.newId(), at: ctx.now() })
  ctx.log.info({ ...row, realm: ctx.realm.name, requestId: ctx.origin?.requestId }, event)
}

import type { AccountRow } from '../../store/schema.ts'
import { identifierKeysOf } from '../accounts/identifiers.ts'
import { withOwnNames } from '../accounts/proven-names.ts'
import type { Client } from '../clients/client.ts'
import type { AnyContext } from '../context.ts'
import { tellingOf } from '../webhooks/tell.ts'
import type { AuditEvent } from './audit-event.ts'

export interface AuditEntry {
  accountId?: string
  /** What an account was called that is deleted: no row says so, and endpoints outside are told. */
  formerId?: string
  sessionId?: string
  /** What the caller named a person by, as its `identifierKey`; only its MAC is kept. */
  subject?: string
  /** The client that it is about, where none has asked for it. */
  client?: Pick<Client, 'dialect' | 'id'>
  /** Why or how, in a word; never a secret, and nothing that is typed but the reason that an operator gives. */
  detail?: string
}

/** Writes what happened into the audit trail and, once that is kept, as one line into the log. */
export function recordEvent(ctx: AnyContext, event: AuditEvent, entry: AuditEntry): Promise<void> {
  return record(ctx, event, { ...entry, outcome: 'success' })
}

/** Writes what was refused into the audit trail and the log, as `recordEvent` does. */
export function recordRefusal(ctx: AnyContext, event: AuditEvent, entry: AuditEntry): Promise<void> {
  return record(ctx, event, { ...entry, outcome: 'refused' })
}

async function record(
  ctx: AnyContext,
  event: AuditEvent,
  { outcome, detail, ...entry }: AuditEntry & { outcome: 'success' | 'refused' },
): Promise<void> {
  const row = {
    event,
    outcome,
    account_id: entry.accountId ?? null,
    session_id: entry.sessionId ?? null,
    client_id: (ctx.client ?? entry.client)?.id ?? null,
    dialect: ctx.door?.dialect ?? entry.client?.dialect ?? null,
    ip: ctx.origin?.ip ?? null,
    detail: detail ?? null,
    actor: ctx.actor ?? null,
    note: ctx.note ?? null,
  }
  const subject = entry.subject === undefined ? null : subjectOf(ctx, entry.subject)
  const kept = { ...row, subject, id: ctx.newId(), at: ctx.now() }
  const tell = tellingOf(ctx, kept, entry.formerId)
  if (!tell) await ctx.store.audit.add(kept)
  else
    await ctx.store.together(async (store) => {
      await store.audit.add(kept)
      await tell(store)
    })
  if (tell) ctx.afterCommit(ctx.wakeWorker)
  const realm = ctx.realm.name
  ctx.afterCommit(() => {
    ctx.log.info({ ...row, realm, requestId: ctx.origin?.requestId }, event)
    ctx.observe({ what: 'event', realm, dialect: row.dialect ?? undefined, event, outcome, detail })
  })
}

/** Every form in which an account's own names may stand in the trail, under any master key that is still held. */
export function subjectsOf(ctx: Pick<AnyContext, 'secrets'>, account: AccountRow): string[] {
  return identifierKeysOf(withOwnNames(account)).flatMap((key) => subjectsOfKey(ctx, key))
}

/** Every form in which one name may stand in the trail, by its `identifierKey`, likewise. */
export function subjectsOfKey({ secrets }: Pick<AnyContext, 'secrets'>, key: string): string[] {
  return secrets.macs('audit-subject', key).map((mac) => mac.toString('base64url'))
}

/** Hashes a name with a key, as names could otherwise be found by trying all of them. */
function subjectOf(ctx: AnyContext, name: string): string {
  return ctx.secrets.mac('audit-subject', name).toString('base64url')
}

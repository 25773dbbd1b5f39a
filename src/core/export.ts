import type { AccountRow, AuditRow, JobRow, SessionRow, TicketRow } from '../store/schema.ts'
import { sessionsOf } from './account-sessions.ts'
import { recordEvent, subjectsOf } from './audit.ts'
import { readAudit } from './audit-trail.ts'
import type { AnyContext } from './context.ts'
import { jobsOf } from './personal-jobs.ts'
import { withOwnNames } from './proven-names.ts'

type Time = string | undefined

/** All that is held of a person (GDPR articles 15 and 20), without what proves somebody to be that person. */
export interface PersonalData {
  exportedAt: Time
  realm: string
  account: Record<string, unknown>
  /** Links and codes that were sent, and sign-ins that were begun. */
  tickets: Record<string, unknown>[]
  secondFactors: Record<string, unknown>
  /** Messages that were sent or wait to be. */
  messages: Record<string, unknown>[]
  /** Newest first, read as they are asked for: there may be many. */
  sessions: AsyncIterable<Record<string, unknown>>
  /** Oldest first, read as it is asked for: it may be long. */
  audit: AsyncIterable<Record<string, unknown>>
}

/** Collects all that is held of the owner of an account, and notes in the audit trail that it was handed out. */
export async function exportAccount(ctx: AnyContext, account: AccountRow): Promise<PersonalData> {
  await recordEvent(ctx, 'account.exported', { outcome: 'success', accountId: account.id })
  const totp = await ctx.store.totp.byAccount(account.id)
  const recoveryCodes = await ctx.store.recoveryCodes.list(account.id)
  const of = { accountId: account.id, subjects: subjectsOf(ctx, account) }
  return {
    exportedAt: timeOf(ctx.now()),
    realm: ctx.realm.name,
    account: presentAccount(account),
    tickets: (await ctx.store.tickets.listOf(account.id, withOwnNames(account).email)).map(presentTicket),
    secondFactors: {
      authenticator: totp && { createdAt: timeOf(totp.created_at), confirmedAt: timeOf(totp.confirmed_at) },
      recoveryCodes: recoveryCodes.map((code) => ({
        createdAt: timeOf(code.created_at),
        usedAt: timeOf(code.consumed_at),
      })),
    },
    messages: (await jobsOf(ctx, account)).map(presentJob),
    sessions: presentAll(sessionsOf(ctx, account), presentSession),
    audit: presentAll(readAudit(ctx, { of }), presentEvent),
  }
}

/** An account for people and programs to read: times in ISO 8601, and of the password only since when there is one. */
export function presentAccount(account: AccountRow): Record<string, unknown> {
  return {
    id: account.id,
    username: account.username ?? undefined,
    email: account.email ?? undefined,
    emailVerifiedAt: timeOf(account.email_verified_at),
    emailSeenThrough: account.email_seen_through ?? undefined,
    phone: account.phone ?? undefined,
    phoneVerifiedAt: timeOf(account.phone_verified_at),
    hasPassword: account.password_hash !== null,
    passwordChangedAt: timeOf(account.password_changed_at),
    lastSignInAt: timeOf(account.last_sign_in_at),
    disabledAt: timeOf(account.disabled_at),
    profile: JSON.parse(account.profile),
    signedUpThrough: account.signed_up_through ?? undefined,
    createdAt: timeOf(account.created_at),
    updatedAt: timeOf(account.updated_at),
  }
}

/** The same for a session. Its id opens nothing. */
export function presentSession(session: SessionRow): Record<string, unknown> {
  return {
    id: session.id,
    dialect: session.dialect,
    clientId: session.client_id,
    createdAt: timeOf(session.created_at),
    lastUsedAt: timeOf(session.last_used_at),
    idleExpiresAt: timeOf(session.idle_expires_at),
    absoluteExpiresAt: timeOf(session.absolute_expires_at),
    secondFactorAt: timeOf(session.second_factor_at),
    ip: session.ip ?? undefined,
    userAgent: session.user_agent ?? undefined,
    endedAt: timeOf(session.ended_at),
    endedWhy: session.ended_why ?? undefined,
  }
}

/** The same for a row of the audit trail. */
export function presentEvent(row: AuditRow): Record<string, unknown> {
  return {
    id: row.id,
    at: timeOf(row.at),
    event: row.event,
    outcome: row.outcome,
    actor: row.actor ?? undefined,
    accountId: row.account_id ?? undefined,
    sessionId: row.session_id ?? undefined,
    dialect: row.dialect ?? undefined,
    clientId: row.client_id ?? undefined,
    ip: row.ip ?? undefined,
    detail: row.detail ?? undefined,
  }
}

function presentTicket(ticket: TicketRow): Record<string, unknown> {
  return {
    kind: ticket.kind,
    dialect: ticket.dialect ?? undefined,
    clientId: ticket.client_id ?? undefined,
    attempts: ticket.attempts,
    createdAt: timeOf(ticket.created_at),
    expiresAt: timeOf(ticket.expires_at),
    usedAt: timeOf(ticket.consumed_at),
  }
}

function presentJob(job: JobRow): Record<string, unknown> {
  return {
    kind: job.kind,
    ...JSON.parse(job.payload),
    attempts: job.attempts,
    lastError: job.last_error ?? undefined,
    createdAt: timeOf(job.created_at),
    doneAt: timeOf(job.done_at),
    givenUpAt: timeOf(job.dead_at),
  }
}

async function* presentAll<Row>(
  rows: AsyncIterable<Row>,
  present: (row: Row) => Record<string, unknown>,
): AsyncGenerator<Record<string, unknown>> {
  for await (const row of rows) yield present(row)
}

function timeOf(time: number | null): Time {
  return time === null ? undefined : new Date(time).toISOString()
}

import type { AccountRow, AuditRow, SessionRow } from '../../store/schema.ts'

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
    passwordPending: account.password_pending ?? undefined,
    passwordChangedAt: timeOf(account.password_changed_at),
    lastSignInAt: timeOf(account.last_sign_in_at),
    disabledAt: timeOf(account.disabled_at),
    disabledUntil: timeOf(account.disabled_until),
    deletionDueAt: timeOf(account.deletion_due_at),
    language: account.language ?? undefined,
    timeZone: account.time_zone ?? undefined,
    profile: JSON.parse(account.profile),
    attributes: account.attributes === null ? undefined : JSON.parse(account.attributes),
    invitedAt: timeOf(account.invited_at),
    signedUpThrough: account.signed_up_through ?? undefined,
    createdAt: timeOf(account.created_at),
    updatedAt: timeOf(account.updated_at),
  }
}

/** A session for people and programs to read: times in ISO 8601. Its id opens nothing. */
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
    parentId: session.parent_id ?? undefined,
    openid: session.openid === null ? undefined : JSON.parse(session.openid),
  }
}

/** A row of the audit trail for people and programs to read: its time in ISO 8601. */
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

/** A time in ISO 8601, from epoch milliseconds; `undefined` for none. */
export function timeOf(time: number | null): string | undefined {
  return time === null ? undefined : new Date(time).toISOString()
}

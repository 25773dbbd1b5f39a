import type {
  AccountRow,
  AuditRow,
  JobRow,
  LegacyLinkRow,
  OpenidArtifactRow,
  OpenidConsentRow,
  PasskeyRow,
  TicketRow,
  TrustedDeviceRow,
  WebhookDeliveryRow,
} from '../../store/schema.ts'
import { recordEvent, subjectsOf } from '../audit/audit.ts'
import { readAuditOf } from '../audit/trail.ts'
import type { AnyContext } from '../context.ts'
import { sessionsOf } from '../sessions/account-sessions.ts'
import { jobsOf } from './personal-jobs.ts'
import { presentAccount, presentEvent, presentSession, timeOf } from './present.ts'
import { withOwnNames } from './proven-names.ts'

/** All that is held of a person (GDPR articles 15 and 20), without what proves somebody to be that person. */
export interface PersonalData {
  exportedAt: string | undefined
  realm: string
  account: Record<string, unknown>
  /** What other systems call the account, from which it was imported. */
  importedFrom: { source: string; sourceId: string }[]
  /** Accounts elsewhere that sign the person in here, by the ids of their providers. */
  identities: Record<string, unknown>[]
  /** IPs that the account has brought along from another system, as its owner's. */
  knownAddresses: Record<string, unknown>[]
  /** Links and codes that were sent, and sign-ins that were begun. */
  tickets: Record<string, unknown>[]
  secondFactors: Record<string, unknown>
  passkeys: Record<string, unknown>[]
  /** What apps have been allowed. */
  consents: Record<string, unknown>[]
  /** Codes and grants that apps have been given, and the like. */
  openidArtifacts: Record<string, unknown>[]
  /** What endpoints outside were told of the account, or are to be. */
  webhookDeliveries: Record<string, unknown>[]
  /** Messages that were sent or wait to be. */
  messages: Record<string, unknown>[]
  /** Newest first, read as they are asked for: there may be many. */
  sessions: AsyncIterable<Record<string, unknown>>
  /** Oldest first, read as it is asked for: it may be long. */
  audit: AsyncIterable<Record<string, unknown>>
}

/** Collects all that is held of the owner of an account, and notes in the audit trail that it was handed out. */
export async function exportAccount(ctx: AnyContext, account: AccountRow): Promise<PersonalData> {
  await recordEvent(ctx, 'account.exported', { accountId: account.id })
  const totp = await ctx.store.totp.byAccount(account.id)
  const recoveryCodes = await ctx.store.recoveryCodes.list(account.id)
  const trustedDevices = await ctx.store.trustedDevices.list(account.id, ctx.now())
  const links = await ctx.store.legacyLinks.listOf(account.id)
  const of = { accountId: account.id, subjects: subjectsOf(ctx, account) }
  return {
    exportedAt: timeOf(ctx.now()),
    realm: ctx.realm.name,
    account: presentAccount(account),
    importedFrom: links
      .filter(({ source, run_id }) => run_id !== null || !source.startsWith(identityPrefix))
      .map(({ source, source_id: sourceId }) => ({ source, sourceId })),
    identities: links.filter(({ source }) => source.startsWith(identityPrefix)).map(presentIdentity),
    knownAddresses: (await ctx.store.knownAddresses.listOf(account.id)).map((known) => ({
      ip: known.ip,
      importedAt: timeOf(known.imported_at),
    })),
    tickets: (await ctx.store.tickets.listOf(withOwnNames(account))).map(presentTicket),
    secondFactors: {
      authenticator: totp && { createdAt: timeOf(totp.created_at), confirmedAt: timeOf(totp.confirmed_at) },
      furtherAuthenticators: (await ctx.store.authenticators.listOf(account.id)).map((held) => ({
        name: held.name,
        createdAt: timeOf(held.created_at),
        confirmedAt: timeOf(held.confirmed_at),
      })),
      recoveryCodes: recoveryCodes.map((code) => ({
        createdAt: timeOf(code.created_at),
        usedAt: timeOf(code.consumed_at),
      })),
      trustedDevices: trustedDevices.map(presentTrustedDevice),
    },
    passkeys: (await ctx.store.passkeys.listOf(account.id)).map(presentPasskey),
    consents: (await ctx.store.openidConsents.listOf(account.id)).map(presentConsent),
    openidArtifacts: (await ctx.store.openidArtifacts.listOf(account.id, ctx.now())).map(presentArtifact),
    webhookDeliveries: (await ctx.store.webhookDeliveries.listOf(account.id)).map(presentDelivery),
    messages: (await jobsOf(ctx, account)).map(presentJob),
    sessions: presentAll(sessionsOf(ctx, account), presentSession),
    audit: presentAll(readAuditOf(ctx, of), presentOwnEvent),
  }
}

/** Of a part of the text: one for each row would be written to the client by itself. */
const partLength = 16_384

/** One JSON object in parts, as the sessions and the audit trail of a person may be too many to be held at once. */
export async function* personalDataText({ sessions, audit, ...rest }: PersonalData): AsyncGenerator<string> {
  yield JSON.stringify(rest, undefined, 2).slice(0, -2)
  for (const [name, rows] of Object.entries({ sessions, audit })) {
    yield `,\n  "${name}": [`
    let text = ''
    let separator = ''
    for await (const row of rows) {
      text += `${separator}\n    ${JSON.stringify(row)}`
      separator = ','
      if (text.length < partLength) continue
      yield text
      text = ''
    }
    yield `${text}\n  ]`
  }
  yield '\n}\n'
}

/** Begins the source of a link to an account of a provider that signs the person in here. */
export const identityPrefix = 'identity:'

function presentIdentity({
  source,
  source_id: subject,
  linked_at: at,
}: LegacyLinkRow): Record<string, unknown> {
  return { provider: source.slice(identityPrefix.length), subject, connectedAt: timeOf(at) }
}

function presentPasskey(passkey: PasskeyRow): Record<string, unknown> {
  return {
    id: passkey.id,
    name: passkey.name,
    domain: passkey.rp_id,
    publicKey: passkey.public_key,
    uses: passkey.counter,
    transports: JSON.parse(passkey.transports),
    model: passkey.aaguid,
    isSynced: passkey.backed_up === 1,
    userAgent: passkey.user_agent ?? undefined,
    createdAt: timeOf(passkey.created_at),
    lastUsedAt: timeOf(passkey.last_used_at),
    suspectedAt: timeOf(passkey.suspected_at),
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

function presentConsent(consent: OpenidConsentRow): Record<string, unknown> {
  return {
    clientId: consent.client_id,
    scopes: JSON.parse(consent.scopes),
    grantedAt: timeOf(consent.granted_at),
  }
}

function presentArtifact(artifact: OpenidArtifactRow): Record<string, unknown> {
  return {
    kind: artifact.kind,
    createdAt: timeOf(artifact.created_at),
    expiresAt: timeOf(artifact.expires_at),
    usedAt: timeOf(artifact.consumed_at),
  }
}

function presentDelivery(delivery: WebhookDeliveryRow): Record<string, unknown> {
  return {
    type: delivery.type,
    state: delivery.state,
    createdAt: timeOf(delivery.created_at),
    endedAt: timeOf(delivery.ended_at),
  }
}

function presentTrustedDevice(trusted: TrustedDeviceRow): Record<string, unknown> {
  return {
    device: trusted.device === null ? undefined : JSON.parse(trusted.device),
    ip: trusted.ip ?? undefined,
    createdAt: timeOf(trusted.created_at),
    expiresAt: timeOf(trusted.expires_at),
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

/** An operator's address is none of the person's. */
function presentOwnEvent(row: AuditRow): Record<string, unknown> {
  return presentEvent(row.actor === null ? row : { ...row, ip: null })
}

async function* presentAll<Row>(
  rows: AsyncIterable<Row>,
  present: (row: Row) => Record<string, unknown>,
): AsyncGenerator<Record<string, unknown>> {
  for await (const row of rows) yield present(row)
}

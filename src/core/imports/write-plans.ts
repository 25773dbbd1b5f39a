import type { FilledAccount, ImportedAccount } from '../../store/tables/imports/imported-accounts.ts'
import type { RealmContext } from '../context.ts'
import { voidedByNewPassword } from '../recovery/tickets.ts'
import { type Hashes, type PlannedEntry, placeText, type RunState } from './batch-parts.ts'
import type { TakenHash } from './hash-intake.ts'
import type { EntryPlace } from './neutral.ts'
import { RunRefused } from './options.ts'
import { type Plan, wantedHash } from './plan.ts'
import { rowsOfSecondFactors } from './second-factors.ts'

type Creation = Extract<Plan, { what: 'create' }>
type Filling = Extract<Plan, { what: 'fill' }>
type Placed<P> = { place: EntryPlace; plan: P }

/** Somebody has changed what the plans were made for. */
class Raced extends Error {}

/**
 * Writes a batch and how far its run has come by it. Part of a transaction, and of no use to it once it throws: `RunRefused`
 * where somebody else goes on with the same run, and any other error where what was planned holds no more.
 */
export async function writePlans(
  ctx: RealmContext,
  planned: PlannedEntry[],
  { hashes, from, to }: { hashes: Hashes; from: RunState; to: RunState },
): Promise<void> {
  const { runId = '' } = to
  const progress = { from: from.position, to: to.position, counts: JSON.stringify(to.tally) }
  if (!(await ctx.store.importRuns.proceed(runId, progress)))
    throw new RunRefused('somebody else goes on with this run, or it is finished or undone')
  const creations = planned.filter((entry): entry is Placed<Creation> => entry.plan.what === 'create')
  const fillings = planned.filter((entry): entry is Placed<Filling> => entry.plan.what === 'fill')
  if (creations.length + fillings.length === 0) return
  const now = ctx.now()
  const { importedAccounts, legacyLinks, legacySessions, knownAddresses, audit } = ctx.store
  const created = creations.map(({ place, plan }) =>
    accountOf(plan, { hash: hashOf(hashes, place, plan), now }),
  )
  mustBe(created.length, await importedAccounts.add(created))
  const changed = fillings.filter(({ plan }) => plan.fill.isAnything)
  const filled = changed.map(({ place, plan }) => filledOf(plan, { hash: hashOf(hashes, place, plan), now }))
  mustBe(filled.length, await importedAccounts.fill(filled))
  const disabled = changed.map(({ plan }) => plan).filter(({ fill }) => fill.disables)
  await endAllOf(ctx, disabled, now)
  const links = [...creations, ...fillings].flatMap((entry) => linksOf(entry, { runId, now }))
  mustBe(links.length, await legacyLinks.add(links))
  const taken = [...creations, ...fillings].map(({ plan }) => plan)
  // Those that are there may be exchanged by now.
  await legacySessions.add(taken.flatMap((plan) => sessionsOf(plan, now)))
  await knownAddresses.add(taken.flatMap((plan) => knownAddressesOf(plan, now)))
  await addSecondFactors(ctx, taken.flatMap(secondFactorOf), now)
  await audit.addMany([
    ...taken.map((plan) => auditOf(ctx, plan, { event: 'account.imported', runId, now })),
    ...disabled.map((plan) => auditOf(ctx, plan, { event: 'account.disabled', runId, now })),
  ])
}

function mustBe(planned: number, written: number): void {
  if (written !== planned) throw new Raced(`of ${planned} rows only ${written} could be written`)
}

/** Of the accounts that are disabled now. */
async function endAllOf({ store }: RealmContext, disabled: Filling[], now: number): Promise<void> {
  for (const { account } of disabled) {
    await store.sessions.endAll(account.id, 'account_disabled', now)
    await store.tickets.consumeAll(account.id, voidedByNewPassword, now)
  }
}

function hashOf(hashes: Hashes, place: EntryPlace, plan: Plan): TakenHash | undefined {
  if (wantedHash(plan) === undefined) return undefined
  const hash = hashes.get(place)
  if (!hash) throw new Raced('a hash is wanted by now')
  return 'stored' in hash ? hash : undefined
}

function accountOf(
  { candidate, id }: Creation,
  { hash, now }: { hash: TakenHash | undefined; now: number },
): ImportedAccount {
  return {
    id,
    username: candidate.username ?? null,
    username_key: candidate.usernameKey ?? null,
    email: candidate.email ?? null,
    email_verified_at: candidate.isEmailVerified ? now : null,
    phone: candidate.phone ?? null,
    phone_verified_at: candidate.isPhoneVerified ? now : null,
    ...passwordOf({ hash, pending: candidate.pending, now }),
    last_sign_in_at: candidate.lastSignInAt ?? null,
    invited_at: candidate.invitedAt ?? null,
    disabled_at: candidate.isDisabled ? now : null,
    disabled_until: candidate.isDisabled ? (candidate.disabledUntil ?? null) : null,
    profile: JSON.stringify(candidate.profile ?? {}),
    attributes: candidate.attributes ? JSON.stringify(candidate.attributes) : null,
    created_at: candidate.createdAt ?? now,
    updated_at: now,
  }
}

/** Either a hash or the word on whose server knows the password, if any. */
function passwordOf({ hash, pending, now }: { hash?: TakenHash; pending?: string; now: number }) {
  return {
    password_hash: hash?.stored ?? null,
    password_kind: hash?.label ?? null,
    password_pending: hash ? null : (pending ?? null),
    password_changed_at: hash ? now : null,
  }
}

function filledOf(
  { account, candidate, fill }: Filling,
  { hash, now }: { hash: TakenHash | undefined; now: number },
): FilledAccount {
  const { names } = fill
  const changedAt = Math.max(now, (account.password_changed_at ?? 0) + 1)
  const pending = fill.takesPending ? candidate.pending : (account.password_pending ?? undefined)
  const { password_hash, password_kind, password_pending, password_changed_at } = account
  const password = { password_hash, password_kind, password_pending, password_changed_at }
  return {
    id: account.id,
    username: names.username ?? account.username,
    username_key: names.usernameKey ?? account.username_key,
    email: names.email ?? account.email,
    email_verified_at: names.isEmailVerified ? now : account.email_verified_at,
    phone: names.phone ?? account.phone,
    phone_verified_at: names.isPhoneVerified ? now : account.phone_verified_at,
    ...password,
    ...(hash ? passwordOf({ hash, now: changedAt }) : { password_pending: pending ?? null }),
    disabled_at: fill.disables ? now : account.disabled_at,
    disabled_until: fill.disables ? (candidate.disabledUntil ?? null) : account.disabled_until,
    profile: fill.profile ? JSON.stringify(fill.profile) : account.profile,
    attributes: fill.attributes ? JSON.stringify(fill.attributes) : account.attributes,
    seen_hash: account.password_hash,
    seen_at: account.updated_at,
    // Later than before, so that whoever has read the account knows that it is another by now.
    updated_at: Math.max(now, account.updated_at + 1),
  }
}

function linksOf(
  { place, plan }: Placed<Creation | Filling>,
  { runId, now }: { runId: string; now: number },
) {
  const { source, sourceId, identities } = plan.candidate
  const isNew = plan.what === 'create'
  const own = isNew || !plan.isLinked ? [{ source, source_id: sourceId, created_account: isNew ? 1 : 0 }] : []
  const others = identities.map((identity) => ({
    source: identity.source,
    source_id: identity.subject,
    created_account: 0,
  }))
  const account_id = isNew ? plan.id : plan.account.id
  return [...own, ...others].map((link) => ({
    ...link,
    account_id,
    run_id: runId,
    place: placeText(place),
    linked_at: now,
  }))
}

function sessionsOf(plan: Creation | Filling, now: number) {
  const { source, sessions } = plan.candidate
  const account_id = plan.what === 'create' ? plan.id : plan.account.id
  return sessions.map(({ hash, client, expiresAt }) => ({
    source,
    hash,
    account_id,
    client_id: client ?? null,
    session_id: null,
    created_at: now,
    expires_at: expiresAt,
    consumed_at: null,
  }))
}

/** An account that was there takes them only together with the password that was used from there. */
function knownAddressesOf(plan: Creation | Filling, now: number) {
  if (plan.what === 'fill' && !plan.fill.takesHash && !plan.fill.takesPending) return []
  const account_id = plan.what === 'create' ? plan.id : plan.account.id
  return plan.candidate.knownAddresses.map((ip) => ({ account_id, ip, imported_at: now }))
}

function secondFactorOf(plan: Creation | Filling) {
  const { totp, recoveryCodes } = plan.candidate
  if (plan.what === 'create') return [{ accountId: plan.id, totp, recoveryCodes }]
  return plan.fill.takesSecondFactor ? [{ accountId: plan.account.id, totp, recoveryCodes }] : []
}

async function addSecondFactors(
  ctx: RealmContext,
  factors: ReturnType<typeof secondFactorOf>,
  now: number,
): Promise<void> {
  const { totp, authenticators, recoveryCodes } = ctx.store
  const { first, others, codes } = rowsOfSecondFactors(ctx, factors)
  mustBe(first.length, await totp.addConfirmed(first, now))
  mustBe(others.length, await authenticators.addConfirmed(others, now))
  await recoveryCodes.add(codes, now)
}

function auditOf(
  ctx: RealmContext,
  plan: Creation | Filling,
  { event, runId, now }: { event: string; runId: string; now: number },
) {
  return {
    id: ctx.newId(),
    at: now,
    event,
    outcome: 'success',
    account_id: plan.what === 'create' ? plan.id : plan.account.id,
    session_id: null,
    client_id: null,
    dialect: null,
    ip: null,
    detail: plan.what === 'create' ? runId : `${runId} filled`,
    actor: ctx.actor ?? null,
    subject: null,
    note: null,
  }
}

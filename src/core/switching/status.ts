import type { PasswordStateCount } from '../../store/tables/switching.ts'
import type { RealmContext } from '../context.ts'

/** Accounts by how their passwords are kept. */
export interface StateCounts {
  accounts: number
  /** With a hash of our own. */
  own: number
  /** With a hash of another system. */
  imported: number
  /** Without a hash, as an old server knows the password. */
  pending: number
  /** Without a password: their owners set one by mail. */
  none: number
}

/** Accounts that wait for the old server of a door. */
export interface PendingDoor {
  dialect: string
  pending: number
  /** How many of them were seen within so many days. */
  seen: { days: number; pending: number }[]
  /** How many others have come within so many days, and wait no longer. */
  settled: { days: number; accounts: number }
}

/** How far a realm has come. Disabled accounts are not counted, as nobody signs in to them. */
export interface SwitchingStatus {
  all: StateCounts
  /** Those who were seen within so many days, here or at the old server. */
  seen: { days: number; counts: StateCounts }[]
  /** What `imported` is made of, the most frequent first. */
  kinds: { kind: string; accounts: number }[]
  /** The doors that accounts are pending of. */
  doors: PendingDoor[]
  disabled: number
}

type Count = RealmContext['store']['switching']['countStates']

/** Accounts that are read in one statement. */
const batch = 20_000
const dayMs = 86_400_000
/** Ascending. */
const spans = [7, 30]
/** In which the pace is measured. */
const paceDays = 7

/** Counts the accounts of a realm by the state of their passwords. Reads all of them. */
export async function switchingStatus(ctx: Pick<RealmContext, 'store' | 'now'>): Promise<SwitchingStatus> {
  const now = ctx.now()
  const since = spans.map((days) => now - days * dayMs)
  const counts: PasswordStateCount[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<Count>> = await ctx.store.switching.countStates({
      after,
      max: batch,
      since,
    })
    counts.push(...page.counts)
    after = page.last
  }
  const { dialects, ...status } = statusOf(counts)
  const doors: PendingDoor[] = []
  for (const dialect of dialects) {
    const settled = { event: 'password.settled', dialect, since: now - paceDays * dayMs }
    const accounts = await ctx.store.audit.count(settled)
    doors.push({ ...pendingOf(dialect, counts), settled: { days: paceDays, accounts } })
  }
  return { ...status, doors }
}

/** The share of those with a password whose hash is one of ours; `undefined` where nobody has one. */
export function settledShare({ own, imported, pending }: StateCounts): number | undefined {
  const withPassword = own + imported + pending
  return withPassword === 0 ? undefined : own / withPassword
}

function statusOf(all: PasswordStateCount[]) {
  const counts = all.filter(isEnabled)
  const labels = [...new Set(counts.flatMap(({ kind }) => kind ?? []))]
  return {
    all: statesOf(counts),
    seen: spans.map((days) => ({ days, counts: statesOf(seenWithin(days, counts)) })),
    kinds: labels
      .map((label) => ({ kind: label, accounts: sumOf(counts.filter(({ kind }) => kind === label)) }))
      .sort((one, other) => other.accounts - one.accounts),
    dialects: [...new Set(counts.flatMap(({ pending }) => pending ?? []))].sort(),
    disabled: sumOf(all) - sumOf(counts),
  }
}

function pendingOf(dialect: string, all: PasswordStateCount[]): Omit<PendingDoor, 'settled'> {
  const counts = all.filter((row) => isEnabled(row) && row.pending === dialect)
  const seen = spans.map((days) => ({ days, pending: sumOf(seenWithin(days, counts)) }))
  return { dialect, pending: sumOf(counts), seen }
}

function isEnabled({ is_disabled }: PasswordStateCount): boolean {
  return is_disabled === 0
}

/** Who was seen in the shortest span was seen in all longer ones, too. */
function seenWithin(days: number, counts: PasswordStateCount[]): PasswordStateCount[] {
  const least = spans.length - spans.indexOf(days)
  return counts.filter(({ seen_in }) => seen_in >= least)
}

function statesOf(counts: PasswordStateCount[]): StateCounts {
  const states: StateCounts = { accounts: 0, own: 0, imported: 0, pending: 0, none: 0 }
  for (const row of counts) {
    states.accounts += row.accounts
    states[stateOf(row)] += row.accounts
  }
  return states
}

function stateOf({ kind, pending, has_hash }: PasswordStateCount): Exclude<keyof StateCounts, 'accounts'> {
  if (has_hash === 1) return kind === null ? 'own' : 'imported'
  return pending === null ? 'none' : 'pending'
}

function sumOf(counts: PasswordStateCount[]): number {
  return counts.reduce((sum, { accounts }) => sum + accounts, 0)
}

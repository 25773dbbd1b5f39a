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

/** How far a realm has come. Disabled accounts are not counted, as nobody signs in to them. */
export interface SwitchingStatus {
  all: StateCounts
  /** Those who were seen within so many days, here or at the old server. */
  seen: { days: number; counts: StateCounts }[]
  /** What `imported` is made of, the most frequent first. */
  kinds: { kind: string; accounts: number }[]
  /** The doors that accounts are pending of, with how many of these were seen within as many days as above. */
  doors: { dialect: string; pending: number; seen: { days: number; pending: number }[] }[]
  disabled: number
}

type Count = RealmContext['store']['switching']['countStates']

/** Accounts that are read in one statement. */
const batch = 20_000
const dayMs = 86_400_000
/** Ascending. */
const spans = [7, 30]

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
  return statusOf(counts)
}

/** The share of those with a password whose hash is one of ours; `undefined` where nobody has one. */
export function settledShare({ own, imported, pending }: StateCounts): number | undefined {
  const withPassword = own + imported + pending
  return withPassword === 0 ? undefined : own / withPassword
}

function statusOf(all: PasswordStateCount[]): SwitchingStatus {
  const counts = all.filter(({ is_disabled }) => is_disabled === 0)
  const dialects = [...new Set(counts.flatMap(({ pending }) => pending ?? []))].sort()
  const labels = [...new Set(counts.flatMap(({ kind }) => kind ?? []))]
  const pendingOf = (dialect: string, rows: PasswordStateCount[]) =>
    sumOf(rows.filter((row) => row.pending === dialect))
  return {
    all: statesOf(counts),
    seen: spans.map((days) => ({ days, counts: statesOf(seenWithin(days, counts)) })),
    kinds: labels
      .map((label) => ({ kind: label, accounts: sumOf(counts.filter(({ kind }) => kind === label)) }))
      .sort((one, other) => other.accounts - one.accounts),
    doors: dialects.map((dialect) => ({
      dialect,
      pending: pendingOf(dialect, counts),
      seen: spans.map((days) => ({ days, pending: pendingOf(dialect, seenWithin(days, counts)) })),
    })),
    disabled: sumOf(all) - sumOf(counts),
  }
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

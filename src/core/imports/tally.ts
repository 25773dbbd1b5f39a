import type { TakenHash } from './hash-intake.ts'
import type { ImportReport, ReportLine } from './report.ts'

/** What becomes of entries, counted; plain JSON, so that a run can go on with it. */
export interface Tally {
  read: number
  created: number
  filled: number
  unchanged: number
  skipped: Reasons
  refused: Reasons
  dropped: Reasons
  passwords: Record<string, { accounts: number; costMs: number; isWrapped: boolean }>
  verified: number
  disabled: number
  secondFactors: number
  recoveryCodes: number
  idsChanged: number
}

/** Counts and first places by reason. */
export type Reasons = Record<string, { count: number; places: string[] }>

const maxPlaces = 3
/** Formats give reasons that hold what they have found; no file shall fill the memory with them. */
const maxReasons = 500
const otherReasons = 'other reasons'

/** What hashes are called that are as good as ours. */
export const ownLabel = 'own'

export function emptyTally(): Tally {
  return {
    read: 0,
    created: 0,
    filled: 0,
    unchanged: 0,
    skipped: {},
    refused: {},
    dropped: {},
    passwords: {},
    verified: 0,
    disabled: 0,
    secondFactors: 0,
    recoveryCodes: 0,
    idsChanged: 0,
  }
}

/** Counts a reason once more. */
export function countReason(reasons: Reasons, reason: string, place: string): void {
  const isFull = !Object.hasOwn(reasons, reason) && Object.keys(reasons).length >= maxReasons
  const name = isFull ? otherReasons : reason
  const line = Object.hasOwn(reasons, name) ? reasons[name] : undefined
  if (!line) reasons[name] = { count: 1, places: [place] }
  else {
    line.count++
    if (line.places.length < maxPlaces) line.places.push(place)
  }
}

/** Counts how an account that was taken shows who it is: by a hash, or what stands in its place. */
export function countPassword(
  { passwords }: Tally,
  { hash, pending }: { hash?: TakenHash; pending?: string },
): void {
  const label = hash ? (hash.label ?? ownLabel) : pending === undefined ? 'none' : `pending ${pending}`
  const line = Object.hasOwn(passwords, label) ? passwords[label] : undefined
  if (line) line.accounts++
  else passwords[label] = { accounts: 1, costMs: hash?.costMs ?? 0, isWrapped: hash?.isWrapped ?? false }
}

/** The most frequent reasons first. */
export function reportLines(reasons: Reasons): ReportLine[] {
  return Object.entries(reasons)
    .map(([reason, line]) => ({ reason, ...line }))
    .sort((one, other) => other.count - one.count)
}

/** What a run has done so far. */
export function reportOf(
  tally: Tally,
  run: { runId?: string; isDryRun: boolean; isFinished: boolean },
): ImportReport {
  const passwords = Object.entries(tally.passwords)
    .map(([label, line]) => ({ label, ...line }))
    .sort((one, other) => other.accounts - one.accounts)
  return {
    ...run,
    ...tally,
    skipped: reportLines(tally.skipped),
    refused: reportLines(tally.refused),
    dropped: reportLines(tally.dropped),
    passwords,
  }
}

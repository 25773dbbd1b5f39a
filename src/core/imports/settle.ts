import { type Hashes, type PlannedEntry, placeText, type RunState } from './batch-parts.ts'
import type { EntryPlace } from './neutral.ts'
import type { ImportOutcome } from './options.ts'
import { type Plan, wantedHash } from './plan.ts'
import { countPassword, countReason, type Tally } from './tally.ts'

interface Settled {
  state: RunState
  outcomes: { place: EntryPlace; outcome: ImportOutcome }[]
}

/** How far a run has come with a batch, and what became of each entry of it; of the state before it nothing is changed. */
export function settle(before: RunState, planned: PlannedEntry[], hashes: Hashes): Settled {
  const tally = structuredClone(before.tally)
  const outcomes = planned.map(({ place, plan }) => ({
    place,
    outcome: count(tally, { place, plan }, hashes),
  }))
  tally.read += planned.length
  return { state: { ...before, position: before.position + planned.length, tally }, outcomes }
}

function count(tally: Tally, { place, plan }: PlannedEntry, hashes: Hashes): ImportOutcome {
  const where = placeText(place)
  switch (plan.what) {
    case 'refuse':
      countReason(tally.refused, plan.reason, where)
      return { what: 'refused', reason: plan.reason }
    case 'conflict':
    case 'skip': {
      const first = plan.what === 'skip' ? plan.first : undefined
      countReason(tally.skipped, plan.reason, first === undefined ? where : `${where} (first at ${first})`)
      return { what: 'skipped', reason: first === undefined ? plan.reason : `${plan.reason} (${first})` }
    }
    case 'unchanged':
      tally.unchanged++
      return { what: 'unchanged', accountId: plan.accountId, dropped: [] }
    case 'create':
    case 'fill':
      return countTaken(tally, { place, plan }, hashes)
  }
}

function countTaken(
  tally: Tally,
  { place, plan }: { place: EntryPlace; plan: Extract<Plan, { what: 'create' | 'fill' }> },
  hashes: Hashes,
): ImportOutcome {
  const { candidate } = plan
  const isNew = plan.what === 'create'
  const hash = wantedHash(plan) === undefined ? undefined : hashes.get(place)
  const dropped = hash && 'refused' in hash ? [...plan.dropped, `password: ${hash.refused}`] : plan.dropped
  const taken = hash && 'stored' in hash ? hash : undefined
  if (isNew || taken || plan.fill.takesPending)
    countPassword(tally, { hash: taken, pending: candidate.pending })
  if (candidate.isEmailVerified || candidate.isPhoneVerified) tally.verified++
  if (isNew ? candidate.isDisabled : plan.fill.disables) tally.disabled++
  if (isNew && plan.isIdChanged) tally.idsChanged++
  if (isNew || plan.fill.takesSecondFactor) {
    tally.secondFactors += candidate.totp.length
    tally.recoveryCodes += candidate.recoveryCodes.length
  }
  for (const reason of dropped) countReason(tally.dropped, reason, placeText(place))
  tally[isNew ? 'created' : 'filled']++
  return {
    what: isNew ? 'created' : 'filled',
    accountId: isNew ? plan.id : plan.account.id,
    dropped,
  }
}

import type { LegacyLinkRow } from '../../store/schema.ts'
import type { FoundAccount } from '../../store/tables/imports/imported-accounts.ts'
import type { Candidate } from './candidate.ts'
import { type Fill, fillOf, isFillable } from './fill.ts'
import { type Found, type NameKind, nameKinds, nameOf } from './found.ts'
import { isKeepableId } from './kept-ids.ts'
import type { NewerHashes } from './newer-hashes.ts'
import type { ImportOptions } from './options.ts'
import type { Taken } from './taken.ts'

/** What is to become of an entry. */
export type Plan =
  | { what: 'create'; candidate: Candidate; id: string; isIdChanged: boolean; dropped: string[] }
  | {
      what: 'fill'
      candidate: Candidate
      account: FoundAccount
      /** It was imported before, under the same id. */
      isLinked: boolean
      fill: Fill
      dropped: string[]
    }
  | { what: 'unchanged'; accountId: string }
  | { what: 'skip'; reason: string; first?: string }
  | { what: 'refuse'; reason: string }
  /** The run is to fail. */
  | { what: 'conflict'; reason: string }

/** By which an entry becomes an account, or is one. */
type Taking = Extract<Plan, { what: 'create' | 'fill' | 'unchanged' }>

/** What plans are made of. */
export interface Planning extends Pick<ImportOptions, 'onConflict' | 'ids'> {
  found: Found
  taken: Taken
  newer: NewerHashes
  newId(): string
}

/** What is to become of a candidate, given what is there and what entries before it take. Takes what it gets. */
export function planFor(planning: Planning, candidate: Candidate, place: string): Plan {
  const { found, taken } = planning
  const key = sourceKey(candidate)
  const first = taken.placeOf(key)
  if (first !== undefined) return { what: 'skip', reason: 'source id: an earlier entry has it', first }
  const link = found.link(candidate.source, candidate.sourceId)
  const plan = link ? planLinked(planning, candidate, link) : planNew(planning, candidate)
  if (plan.what === 'create' || plan.what === 'fill' || plan.what === 'unchanged')
    for (const key of keysTakenBy(plan, candidate)) taken.take(key, place)
  return plan
}

/** The names that an entry keeps others of its files from. */
export function keysOf(candidate: Candidate): string[] {
  return [
    sourceKey(candidate),
    ...nameKinds.flatMap((kind) => {
      const name = nameOf(kind, candidate)
      return name === undefined ? [] : [`${kind} ${name}`]
    }),
    ...candidate.identities.map(({ source, subject }) => `${source} ${subject}`),
  ]
}

function keysTakenBy(plan: Taking, candidate: Candidate): string[] {
  return [...keysOf(plan.what === 'create' ? plan.candidate : candidate), idKey(accountOf(plan))]
}

/** Of the account that an entry becomes, or is. */
function accountOf(plan: Taking): string {
  if (plan.what === 'create') return plan.id
  return plan.what === 'fill' ? plan.account.id : plan.accountId
}

/** The account of an earlier entry is not another one's. */
export function idKey(accountId: string): string {
  return `id ${accountId}`
}

/** What the old system calls it, which a file has once. */
export function sourceKey({ source, sourceId }: Candidate): string {
  return `source ${source} ${sourceId}`
}

/** The hash that a plan needs taken in. */
export function wantedHash(plan: Plan): Candidate['hash'] {
  if (plan.what === 'create') return plan.candidate.hash
  return plan.what === 'fill' && plan.fill.takesHash ? plan.candidate.hash : undefined
}

/** The account was imported before. */
function planLinked(
  planning: Planning,
  candidate: Candidate,
  { account_id: accountId, linked_at: linkedAt }: LegacyLinkRow,
): Plan {
  const account = planning.onConflict === 'fill' ? planning.found.byId(accountId) : undefined
  const unchanged: Plan = { what: 'unchanged', accountId }
  const isTaken = planning.taken.placeOf(idKey(accountId)) !== undefined
  if (!account || account.disabled_at !== null || isTaken) return unchanged
  return planFill(planning, candidate, { account, linkedAt }) ?? unchanged
}

function planNew(planning: Planning, candidate: Candidate): Plan {
  const dropped: string[] = []
  let kept = candidate
  for (const kind of nameKinds) {
    const name = nameOf(kind, kept)
    const holder = name === undefined ? undefined : holderOf(planning, kind, name)
    if (!holder) continue
    const isSpare = kind === 'phone' && !kept.isPhoneVerified && (kept.email ?? kept.username) !== undefined
    if (!isSpare) return planConflict(planning, kept, { kind, holder })
    // Families share numbers.
    dropped.push(`phone: ${whose(holder)} has it`)
    kept = { ...kept, phone: undefined }
  }
  return planCreate(planning, kept, dropped)
}

/** Who has a name already: an account, or an earlier entry. */
type Holder = { account: FoundAccount } | { place: string }

function holderOf({ found, taken }: Planning, kind: NameKind, name: string): Holder | undefined {
  const place = taken.placeOf(`${kind} ${name}`)
  if (place !== undefined) return { place }
  const account = found.byName(kind, name)
  return account && { account }
}

function whose(holder: Holder): string {
  return 'place' in holder ? 'an earlier entry' : 'another account'
}

function planConflict(
  planning: Planning,
  candidate: Candidate,
  { kind, holder }: { kind: NameKind; holder: Holder },
): Plan {
  if ('place' in holder)
    return { what: 'skip', reason: `${kind}: an earlier entry has it`, first: holder.place }
  const reason = `${kind}: an account has it`
  if (planning.onConflict === 'fail') return { what: 'conflict', reason }
  if (planning.onConflict === 'skip') return { what: 'skip', reason }
  const { account } = holder
  const first = planning.taken.placeOf(idKey(account.id))
  if (first !== undefined) return { what: 'skip', reason: `${kind}: an earlier entry has it`, first }
  if (!isFillable(account, candidate, kind))
    return { what: 'skip', reason: `${reason}, and nothing proves that it is the same person` }
  const plan = planFill(planning, candidate, { account })
  return plan ?? { what: 'skip', reason }
}

function planCreate(planning: Planning, candidate: Candidate, dropped: string[]): Plan {
  const { id, reason } = chooseId(planning, candidate)
  const identities = freeIdentities(planning, candidate)
  const lost = identities.length < candidate.identities.length ? ['identity: another account has it'] : []
  return {
    what: 'create',
    candidate: { ...candidate, identities },
    id,
    isIdChanged: candidate.id !== undefined && candidate.id !== id,
    dropped: [...candidate.dropped, ...dropped, ...lost, ...(reason === undefined ? [] : [reason])],
  }
}

function chooseId(planning: Planning, { id }: Candidate): { id: string; reason?: string } {
  if (id === undefined || planning.ids === 'new') return { id: planning.newId() }
  if (!isKeepableId(id)) return { id: planning.newId(), reason: 'id: has a form that cannot be kept' }
  const isFree = !planning.found.byId(id) && planning.taken.placeOf(idKey(id)) === undefined
  return isFree ? { id } : { id: planning.newId(), reason: 'id: another account has it' }
}

/** `undefined` where the account lacks nothing of what the candidate has. */
function planFill(
  planning: Planning,
  candidate: Candidate,
  { account, linkedAt }: { account: FoundAccount; linkedAt?: number },
): Plan | undefined {
  const isFree = (kind: NameKind, name: string) => !holderOf(planning, kind, name)
  const identities = freeIdentities(planning, candidate)
  const isLinked = linkedAt !== undefined
  const hasNewerHash = planning.newer.has(candidate, account)
  const fill = fillOf(account, candidate, { linkedAt, hasNewerHash, isFree })
  const isKnown = identities.length === 0 && candidate.sessions.length === 0
  if (isLinked && !fill.isAnything && isKnown) return undefined
  return {
    what: 'fill',
    candidate: { ...candidate, ...fill.names, identities },
    account,
    isLinked,
    fill,
    dropped: [...candidate.dropped, ...fill.dropped],
  }
}

/** The identities that nobody has. */
function freeIdentities({ found, taken }: Planning, { identities }: Candidate): Candidate['identities'] {
  return identities.filter(
    ({ source, subject }) =>
      !found.link(source, subject) && taken.placeOf(`${source} ${subject}`) === undefined,
  )
}

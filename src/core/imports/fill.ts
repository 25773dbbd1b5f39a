import type { FoundAccount } from '../../store/tables/imports/imported-accounts.ts'
import type { Candidate, CandidateNames } from './candidate.ts'
import type { NameKind } from './found.ts'

/** What an account gets of a candidate: only what it lacks. */
export interface Fill {
  names: Partial<CandidateNames>
  /** Whether it takes the candidate's hash. */
  takesHash: boolean
  /** Whether it takes the candidate's word on whose server knows its password. */
  takesPending: boolean
  takesSecondFactor: boolean
  /** Whether the old system has disabled it since it was imported. */
  disables: boolean
  /** The whole of each, where anything is added. */
  profile?: Record<string, unknown>
  attributes?: Record<string, unknown>
  isAnything: boolean
  dropped: string[]
}

/**
 * Whether a candidate that has a name of an account is surely of the same person: the name is proven here and there.
 * Otherwise whoever has signed up with it here would be handed what is imported, or the other way round. Anybody can
 * take a user name.
 */
export function isFillable(account: FoundAccount, candidate: Candidate, kind: NameKind): boolean {
  if (account.disabled_at !== null) return false
  if (kind === 'email') return candidate.isEmailVerified && account.email_verified_at !== null
  return kind === 'phone' && candidate.isPhoneVerified && account.phone_verified_at !== null
}

/** What else decides on what an account gets. */
interface FillConditions {
  /** When the account was imported under the same id, if it was; epoch milliseconds. */
  linkedAt: number | undefined
  /** The candidate's hash is not the one that the account was imported with. */
  hasNewerHash: boolean
  isFree(kind: NameKind, name: string): boolean
}

/**
 * What an account lacks and a candidate has. One that was imported under the same id before also takes another hash, and is
 * disabled as it is there, while nobody has signed in with the one that was imported. What it lacks of a password or a
 * second factor may have been taken off it here: then the old one, which a squatter may know, does not come back.
 */
export function fillOf(
  account: FoundAccount,
  candidate: Candidate,
  { linkedAt, hasNewerHash, isFree }: FillConditions,
): Fill {
  const isLinked = linkedAt !== undefined
  const isOpen = !isLinked || isUntouched(account, linkedAt)
  const dropped: string[] = []
  const names = namesFor(account, candidate, { isFree, dropped })
  const profile = merged(account.profile, candidate.profile)
  const attributes = merged(account.attributes ?? '{}', candidate.attributes)
  const hasPassword = account.password_hash !== null
  const isStale = isLinked && account.password_kind !== null && hasNewerHash
  const takesHash = candidate.hash !== undefined && ((!hasPassword && isOpen) || isStale)
  const takesPending =
    !hasPassword && isOpen && account.password_pending === null && candidate.pending !== undefined
  const takesSecondFactor = candidate.totp.length > 0 && account.has_totp === 0 && isOpen
  const disables = isLinked && isOpen && candidate.isDisabled
  if (candidate.totp.length > 0 && !takesSecondFactor && !isLinked) dropped.push('totp: the account has one')
  const isAnything =
    Object.values(names).some((name) => name !== undefined && name !== false) ||
    [profile, attributes].some((object) => object !== undefined) ||
    takesHash ||
    takesPending ||
    takesSecondFactor ||
    disables
  const taking = { takesHash, takesPending, takesSecondFactor, disables }
  return { names, ...taking, profile, attributes, isAnything, dropped }
}

/** Whether nobody has signed in to an account, nor changed its password, since it was imported. */
function isUntouched(account: FoundAccount, linkedAt: number): boolean {
  const hasSignedIn = account.last_sign_in_at !== null && account.last_sign_in_at >= linkedAt
  const isAsImported = account.password_kind !== null || account.password_changed_at === null
  return !hasSignedIn && isAsImported
}

function namesFor(
  account: FoundAccount,
  candidate: Candidate,
  { isFree, dropped }: { isFree(kind: NameKind, name: string): boolean; dropped: string[] },
): CandidateNames {
  const takes = (kind: NameKind, current: string | null, name: string | undefined) => {
    if (name === undefined || current !== null) return false
    if (!isFree(kind, name)) dropped.push(`${kind}: another account has it`)
    return isFree(kind, name)
  }
  const takesEmail = takes('email', account.email, candidate.email)
  const takesUsername = takes('username', account.username_key, candidate.usernameKey)
  const takesPhone = takes('phone', account.phone, candidate.phone)
  return {
    email: takesEmail ? candidate.email : undefined,
    isEmailVerified: takesEmail && candidate.isEmailVerified,
    username: takesUsername ? candidate.username : undefined,
    usernameKey: takesUsername ? candidate.usernameKey : undefined,
    phone: takesPhone ? candidate.phone : undefined,
    isPhoneVerified: takesPhone && candidate.isPhoneVerified,
  }
}

/** What is there with what is new; `undefined` where nothing is new. */
function merged(
  current: string,
  added: Record<string, unknown> | undefined,
): Record<string, unknown> | undefined {
  const there = JSON.parse(current) as Record<string, unknown>
  const isNew = Object.keys(added ?? {}).some((name) => !Object.hasOwn(there, name))
  return isNew ? { ...added, ...there } : undefined
}

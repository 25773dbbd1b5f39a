import { foldUsername } from '../../lib/fold-username.ts'
import { foldEmail, readEmail } from '../accounts/emails.ts'
import { readPhone } from '../accounts/phones.ts'
import { importedUsernameProblem } from '../accounts/usernames.ts'
import { readKnownAddresses } from './known-addresses.ts'
import type { GivenHash, ImportRecord } from './neutral.ts'
import { readSecondFactor, type SecondFactor } from './second-factors.ts'
import { type OldSession, readSessions } from './sessions.ts'
import { isText, readObject, readTime, textOf } from './values.ts'

/** A record as it would become an account: names folded, and without what cannot be taken. */
export interface Candidate extends CandidateNames, SecondFactor {
  source: string
  sourceId: string
  /** The id that it is to have. */
  id?: string
  hash?: string | GivenHash
  /** The dialect whose old server knows the password. */
  pending?: string
  isDisabled: boolean
  /** Epoch milliseconds, like the next three. */
  disabledUntil?: number
  createdAt?: number
  lastSignInAt?: number
  invitedAt?: number
  /** IPs that are the owner's, as they are compared. */
  knownAddresses: string[]
  profile?: Record<string, unknown>
  attributes?: Record<string, unknown>
  identities: { source: string; subject: string }[]
  sessions: OldSession[]
  /** Why, for each thing that was left out. */
  dropped: string[]
}

/** What a candidate is known by. */
export interface CandidateNames {
  email?: string
  isEmailVerified: boolean
  username?: string
  /** Folded. */
  usernameKey?: string
  /** E.164. */
  phone?: string
  isPhoneVerified: boolean
}

const sourceForm = /^[a-z0-9._-]{1,64}$/
const dialectForm = /^[a-z0-9_-]{1,64}$/
const maxSourceId = 512
/** Django's, the longest of those that limit it. */
const maxUsername = 150

/** The last moment that a time of JavaScript can be (ECMA-262 §21.4.1.1). */
const latest = 8.64e15

/** What a record would become, or why it cannot become an account. Never throws. */
export function readCandidate(
  record: ImportRecord,
  { now, pendingDialect }: { now: number; pendingDialect?: string },
): Candidate | { refused: string } {
  const { source, sourceId } = record
  if (!isText(source) || !sourceForm.test(source)) return { refused: 'source: no name of a system' }
  if (!isText(sourceId) || sourceId.length > maxSourceId) return { refused: 'sourceId: missing or too long' }
  const dropped: string[] = []
  const names = readNames(record, dropped)
  if (names.email === undefined && names.username === undefined && names.phone === undefined)
    return { refused: 'no e-mail address, user name or phone number that can be taken' }
  const pending = record.passwordPending ?? pendingDialect
  return {
    ...names,
    source,
    sourceId,
    id: textOf(record.id),
    hash: readHash(record),
    pending: isText(pending) && dialectForm.test(pending) ? pending : undefined,
    isDisabled: record.disabled === true,
    disabledUntil: readTime(record.disabledUntil, { name: 'disabledUntil', now: latest, dropped }),
    createdAt: readTime(record.createdAt, { name: 'createdAt', now, dropped }),
    // Before this moment, so that a sign-in here is known by its time.
    lastSignInAt: readTime(record.lastSignInAt, { name: 'lastSignInAt', now: now - 1, dropped }),
    invitedAt: readTime(record.invitedAt, { name: 'invitedAt', now, dropped }),
    knownAddresses: readKnownAddresses(record.knownAddresses, dropped),
    profile: readObject(record.profile, 'profile', dropped),
    attributes: readObject(record.attributes, 'attributes', dropped),
    ...readSecondFactor(record, dropped),
    identities: readIdentities(record, dropped),
    sessions: readSessions(record, { now, dropped }),
    dropped,
  }
}

function readNames(record: ImportRecord, dropped: string[]): CandidateNames {
  const email = readAddress(record.email, dropped)
  const { username, email: named } = readUsername(record.username, dropped)
  const phone = readNumber(record.phone, dropped)
  if (email !== undefined && named !== undefined && named !== email)
    dropped.push('username: is another e-mail address')
  return {
    email: email ?? named,
    isEmailVerified: email !== undefined && record.emailVerified === true,
    username,
    usernameKey: username === undefined ? undefined : foldUsername(username),
    phone,
    isPhoneVerified: phone !== undefined && record.phoneVerified === true,
  }
}

function readAddress(given: unknown, dropped: string[]): string | undefined {
  const typed = textOf(given)
  if (typed === undefined) return undefined
  const email = readEmail(typed)
  if (email === undefined) dropped.push('email: no mail can reach it')
  return email === undefined ? undefined : foldEmail(email)
}

/** A user name, or the e-mail address that one is. */
function readUsername(given: unknown, dropped: string[]): { username?: string; email?: string } {
  const username = textOf(given)?.trim()
  if (!username) return {}
  if (readEmail(username) !== undefined) return { email: foldEmail(username) }
  const problem = username.length > maxUsername ? 'too_long' : importedUsernameProblem(username)
  if (problem === undefined) return { username }
  dropped.push(usernameReasons[problem])
  return {}
}

const usernameReasons = {
  too_long: `username: has more than ${maxUsername} characters`,
  unseen: 'username: has characters that nobody sees',
  another_kind: 'username: reads like a phone number, an address or an id',
}

function readNumber(given: unknown, dropped: string[]): string | undefined {
  const typed = textOf(given)?.trim()
  if (!typed) return undefined
  // Some systems keep the digits of E.164 alone.
  const phone = readPhone(typed) ?? (/^\d{7,15}$/.test(typed) ? readPhone(`+${typed}`) : undefined)
  if (phone === undefined) dropped.push('phone: none that can exist, or without its country')
  return phone
}

function readHash({ passwordHash, password }: ImportRecord): string | GivenHash | undefined {
  if (isText(passwordHash)) return passwordHash
  return isText(password?.kind) && isText(password.hash) ? password : undefined
}

function readIdentities({ identities }: ImportRecord, dropped: string[]): Candidate['identities'] {
  if (!Array.isArray(identities)) return []
  const read = new Map<string, Candidate['identities'][number]>()
  for (const given of identities) {
    const provider = textOf(given?.provider)?.toLowerCase()
    const subject = textOf(given?.subject)
    const isReadable = provider !== undefined && sourceForm.test(provider) && subject !== undefined
    if (!isReadable || subject.length > maxSourceId) dropped.push('identity: cannot be read')
    else read.set(`${provider} ${subject}`, { source: `identity:${provider}`, subject })
  }
  return [...read.values()]
}

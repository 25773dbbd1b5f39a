import type { ImportRecord } from '../../core/imports/neutral.ts'
import type { Reading } from '../entry-of.ts'
import type { JsonObject } from '../read/entry.ts'
import type { Draft } from '../tables/draft.ts'
import { totpOf } from '../tables/totp.ts'
import { asAddresses } from '../values/addresses.ts'
import { asBase32 } from '../values/bytes.ts'
import { asObject, asObjects } from '../values/object.ts'
import { providerName } from '../values/provider-name.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'
import { readCustomHash } from './auth0-hash.ts'

/** Auth0's own ways to sign in; all others are of providers. */
const ownStrategies = new Set(['auth0', 'email', 'sms'])

/**
 * A user of Auth0, as its export or a file for its import has it. `hashOf` finds the password hash of a database user by the
 * part of the id that follows the strategy.
 */
export function readAuth0User(user: JsonObject, hashOf: (id: string) => string | undefined): Reading {
  const given = asText(user.user_id)
  // Auth0 puts the strategy before an id that it is given to import.
  const id = given === undefined || given.includes('|') ? given : `auth0|${given}`
  const email = asText(user.email)
  const [username, phone] = [asText(user.username), asText(user.phone_number)]
  const sourceId = id ?? email?.toLowerCase() ?? username ?? phone
  if (sourceId === undefined) return { refused: 'no user_id' }
  const identities = identitiesOf(user, id)
  const dropped: string[] = []
  const record = {
    sourceId,
    id,
    email,
    emailVerified: asBoolean(user.email_verified),
    username,
    phone,
    phoneVerified: asBoolean(user.phone_verified),
    ...passwordOf(user, databaseIdsOf(identities).map(hashOf), dropped),
    disabled: asBoolean(user.blocked) || undefined,
    createdAt: asTime(user.created_at),
    lastSignInAt: asTime(user.last_login),
    knownAddresses: asAddresses([user.last_ip]),
    profile: profileOf(user, email),
    attributes: asObject(user.app_metadata),
    totp: readFactors(user, dropped),
    identities: foreign(identities),
  }
  return { record, dropped }
}

function passwordOf(user: JsonObject, found: (string | undefined)[], dropped: string[]): Draft {
  const passwordHash = asText(user.password_hash) ?? found.find((hash) => hash !== undefined)
  if (passwordHash !== undefined) return { passwordHash }
  const custom = asObject(user.custom_password_hash)
  const hash = custom && readCustomHash(custom)
  if (!hash || !('dropped' in hash)) return hash ?? {}
  dropped.push(hash.dropped)
  return {}
}

interface Identity {
  strategy: string
  subject: string
}

/** Of the user and of those that are linked to it; what is not exported is in the id. */
function identitiesOf(user: JsonObject, id: string | undefined): Identity[] {
  const own = id === undefined ? [] : [identityIn(id)]
  const linked = asObjects(user.identities).flatMap(({ provider, user_id }) => {
    const [strategy, subject] = [asText(provider), asText(user_id)]
    if (strategy === undefined || subject === undefined) return []
    const isWhole = subject.startsWith(`${strategy}|`)
    return [isWhole ? identityIn(subject) : { strategy, subject }]
  })
  const isKnown = ({ strategy, subject }: Identity) =>
    linked.some((other) => other.strategy === strategy && other.subject === subject)
  return [...own.filter((identity) => !isKnown(identity)), ...linked]
}

function identityIn(id: string): Identity {
  const end = id.indexOf('|')
  return { strategy: id.slice(0, end), subject: id.slice(end + 1) }
}

function databaseIdsOf(identities: Identity[]): string[] {
  return identities.filter(({ strategy }) => strategy === 'auth0').map(({ subject }) => subject)
}

function foreign(identities: Identity[]): ImportRecord['identities'] {
  const found = identities.filter(({ strategy }) => !ownStrategies.has(strategy))
  if (found.length === 0) return undefined
  return found.map(({ strategy, subject }) => ({ provider: providerName(strategy), subject }))
}

/** Auth0 calls a user without a name by the e-mail address. */
function profileOf(user: JsonObject, email: string | undefined): Record<string, unknown> {
  const name = asText(user.name)
  return {
    name: name === email ? undefined : name,
    given_name: asText(user.given_name),
    family_name: asText(user.family_name),
    nickname: asText(user.nickname),
    picture: asText(user.picture),
    user_metadata: asObject(user.user_metadata),
  }
}

/** Those of a file for the import; an export only says that there are some. */
function readFactors(user: JsonObject, dropped: string[]): ImportRecord['totp'] {
  const totp = asObjects(user.mfa_factors).flatMap((factor) => {
    const secret = asBase32(asObject(factor.totp)?.secret)
    if (secret !== undefined) return totpOf(secret)
    const kind = ['totp', 'phone', 'email'].find((kind) => kind in factor) ?? 'of an unknown kind'
    dropped.push(kind === 'totp' ? 'totp: damaged' : `second factor: ${kind}`)
    return []
  })
  if (Array.isArray(user.multifactor) && user.multifactor.length > 0)
    dropped.push('second factor: not in the export')
  return totp.length > 0 ? totp : undefined
}

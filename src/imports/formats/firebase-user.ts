import type { GivenHash, ImportRecord } from '../../core/imports/neutral.ts'
import type { Reading } from '../entry-of.ts'
import type { JsonObject } from '../read/entry.ts'
import { asBase64 } from '../values/bytes.ts'
import { asObject, asObjects } from '../values/object.ts'
import { providerName } from '../values/provider-name.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'
import type { FirebaseParameters } from './firebase-parameters.ts'

/** An account of Firebase, as its exports or its API have it; without the project's parameters its hash is not taken. */
export function readFirebaseUser(user: JsonObject, parameters: FirebaseParameters | undefined): Reading {
  const id = asText(user.localId ?? user.uid)
  if (!id) return { refused: 'no localId' }
  const email = asText(user.email)
  const phone = asText(user.phoneNumber)
  const identities = identitiesOf(user)
  if (!email && !phone && !identities)
    return { skipped: 'anonymous: no e-mail address, phone number or provider' }
  const { password, dropped } = passwordOf(user, parameters)
  const enrolled = [...asObjects(user.mfaInfo), ...asObjects(asObject(user.multiFactor)?.enrolledFactors)]
  if (enrolled.length > 0) dropped.push('second factor: not in a form that can be taken')
  const record = {
    sourceId: id,
    id,
    email,
    emailVerified: asBoolean(user.emailVerified),
    phone,
    // Firebase keeps no number that was not confirmed by SMS.
    phoneVerified: phone ? true : undefined,
    password,
    disabled: asBoolean(user.disabled) || undefined,
    createdAt: asTime(user.createdAt),
    lastSignInAt: asTime(user.lastSignedInAt ?? user.lastLoginAt),
    profile: { name: asText(user.displayName), picture: asText(user.photoUrl ?? user.photoURL) },
    attributes: asObject(user.customAttributes ?? user.customClaims),
    identities,
  }
  return { record, dropped }
}

function passwordOf(
  user: JsonObject,
  parameters: FirebaseParameters | undefined,
): { password?: GivenHash; dropped: string[] } {
  const hash = asText(user.passwordHash)
  const salt = asText(user.salt ?? user.passwordSalt)
  if (!hash) return { dropped: [] }
  if (asBase64(hash)?.equals(redacted))
    return { dropped: ['password hash: redacted, as the export was made without the right to see hashes'] }
  if (!salt || !asBase64(salt) || !asBase64(hash)) return { dropped: ['password hash: damaged'] }
  if (!parameters) return { dropped: ['password hash: without the hash parameters of the project'] }
  return { password: { kind: 'firebase-scrypt', hash, salt, ...parameters }, dropped: [] }
}

/** What the API answers in place of a hash. */
const redacted = Buffer.from('REDACTED')

function identitiesOf(user: JsonObject): ImportRecord['identities'] {
  const found = asObjects(user.providerUserInfo ?? user.providerData).flatMap((info) => {
    const provider = asText(info.providerId)
    const subject = asText(info.rawId ?? info.uid)
    return provider && subject && !ownProviders.has(provider)
      ? [{ provider: providerName(provider), subject }]
      : []
  })
  return found.length > 0 ? found : undefined
}

/** Firebase's own ways to sign in. */
const ownProviders = new Set(['password', 'phone', 'emailLink', 'anonymous', 'custom', 'firebase'])

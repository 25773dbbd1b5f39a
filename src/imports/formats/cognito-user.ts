import type { ImportRecord } from '../../core/imports/neutral.ts'
import type { Reading } from '../entry-of.ts'
import { isJsonObject } from '../read/json.ts'
import { asObjects } from '../values/object.ts'
import { asBoolean, asText } from '../values/text.ts'

/** A user of Cognito, however it was written. */
export interface CognitoUser {
  username: string | undefined
  /** By their names. */
  attributes: Map<string, unknown>
  createdAt?: string
  isEnabled?: boolean
  status?: string
  hasSecondFactor: boolean
}

/** What the person may change by default. */
const claims = [
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'address',
]

/** A user of Cognito, of whom the password is never known. */
export function readCognitoUser(user: CognitoUser): Reading {
  if (user.status === 'EXTERNAL_PROVIDER') return { skipped: 'signs in with another provider alone' }
  const text = (name: string) => asText(user.attributes.get(name))
  const sub = text('sub') ?? (isUuid(user.username) ? user.username : undefined)
  return {
    record: {
      sourceId: sub ?? user.username,
      id: sub,
      email: text('email'),
      emailVerified: asBoolean(text('email_verified')),
      username: usernameOf(user, [sub, text('email'), text('phone_number')]),
      phone: text('phone_number'),
      phoneVerified: asBoolean(text('phone_number_verified')),
      disabled: user.isEnabled === false || user.status === 'COMPROMISED' || undefined,
      createdAt: user.createdAt,
      profile: Object.fromEntries(claims.map((claim) => [claim, text(claim)])),
      attributes: customAttributes(user.attributes),
      identities: identitiesOf(text('identities')),
    },
    dropped: user.hasSecondFactor ? ['second factor: Cognito does not give it out'] : [],
  }
}

/** Pools in which people sign in by their address make up names for them. */
function usernameOf(
  { username, attributes }: CognitoUser,
  others: (string | undefined)[],
): string | undefined {
  const isOwn = !isUuid(username) && !others.includes(username)
  return isOwn ? username : asText(attributes.get('preferred_username'))
}

function isUuid(text: string | undefined): boolean {
  return text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}

/** Such as `custom:plan`. Which of them a person may write differs from app to app. */
function customAttributes(attributes: Map<string, unknown>): Record<string, unknown> {
  const custom = [...attributes].flatMap(([name, value]) => {
    const [, own] = /^(?:dev:)?custom:(.+)$/.exec(name) ?? []
    return own === undefined ? [] : [[own, asText(value)]]
  })
  return Object.fromEntries(custom)
}

function identitiesOf(written: string | undefined): NonNullable<ImportRecord['identities']> {
  return asObjects(parsed(written)).flatMap(({ providerName, userId }) => {
    const provider = asText(providerName)
    const subject = asText(userId)
    return provider && subject ? [{ provider, subject }] : []
  })
}

function parsed(text: string | undefined): unknown {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return isJsonObject(value) ? [value] : value
  } catch {
    return []
  }
}

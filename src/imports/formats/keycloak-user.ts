import type { ImportRecord } from '../../core/imports/neutral.ts'
import type { Reading } from '../entry-of.ts'
import type { JsonObject } from '../read/entry.ts'
import { asObject, asObjects } from '../values/object.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'
import { readKeycloakCredentials } from './keycloak-credentials.ts'

/** A user as Keycloak exports one. */
export function readKeycloakUser(user: JsonObject): Reading {
  if (asText(user.serviceAccountClientId)) return { skipped: 'the account of a service' }
  const { dropped, ...credentials } = readKeycloakCredentials(user.credentials)
  const { locale, phoneNumber, phoneNumberVerified, ...attributes } = asObject(user.attributes) ?? {}
  const id = asText(user.id)
  const username = asText(user.username)
  return {
    record: {
      // Files that were written by hand may leave the id to Keycloak.
      sourceId: id ?? username,
      id,
      username,
      email: asText(user.email),
      emailVerified: asBoolean(user.emailVerified),
      phone: firstText(phoneNumber),
      phoneVerified: asBoolean(firstText(phoneNumberVerified)),
      ...credentials,
      disabled: asBoolean(user.enabled) === false || undefined,
      createdAt: asTime(user.createdTimestamp),
      profile: {
        firstName: asText(user.firstName),
        lastName: asText(user.lastName),
        locale: firstText(locale),
      },
      attributes: {
        attributes,
        realmRoles: user.realmRoles,
        clientRoles: user.clientRoles,
        groups: user.groups,
      },
      identities: identitiesOf(user),
    },
    dropped: [...dropped, ...federation(user, credentials), ...requiredActions(user)],
  }
}

/** Attributes have lists of values. */
function firstText(value: unknown): string | undefined {
  return asText(Array.isArray(value) ? value[0] : value)
}

function identitiesOf({ federatedIdentities }: JsonObject): { provider: string; subject: string }[] {
  return asObjects(federatedIdentities).flatMap(({ identityProvider, userId }) => {
    const provider = asText(identityProvider)
    const subject = asText(userId)
    return provider && subject ? [{ provider, subject }] : []
  })
}

function federation({ federationLink }: JsonObject, { password }: Pick<ImportRecord, 'password'>): string[] {
  if (password || !asText(federationLink)) return []
  return ['password: kept by a user federation such as LDAP']
}

/** What the user was to do at the next sign-in. Whether an address is verified is told by its flag. */
function requiredActions({ requiredActions }: JsonObject): string[] {
  const actions = Array.isArray(requiredActions) ? requiredActions : []
  return actions
    .filter((action) => typeof action === 'string' && action !== 'VERIFY_EMAIL')
    .map((action) => `required action: ${/^[A-Za-z_-]{1,40}$/.test(action) ? action : 'another one'}`)
}

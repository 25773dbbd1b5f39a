import type { Reading } from '../entry-of.ts'
import type { JsonObject, Row } from '../read/entry.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'
import { readKeycloakUser } from './keycloak-user.ts'

/**
 * A user of CREDEBL from a row of its table and from its Keycloak. The columns `password` and `clientSecret` are secrets of
 * the app in a form that can be read back; nothing here looks at them.
 */
export function readCredeblUser(
  row: Row,
  user: JsonObject | undefined,
  timeZone: string | undefined,
): Reading {
  const reading = user && readKeycloakUser(user)
  const known = reading && 'record' in reading ? reading : undefined
  const { password, totp, attributes, identities = [], disabled } = known?.record ?? {}
  const id = asText(row.id)
  const keycloakId = asText(row.keycloakUserId) ?? asText(user?.id)
  return {
    record: {
      sourceId: id,
      id,
      email: asText(row.email),
      emailVerified: asBoolean(row.isEmailVerified) === true && known?.record.emailVerified === true,
      username: asText(row.username),
      password,
      totp,
      disabled,
      createdAt: asTime(row.createDateTime, timeZone),
      profile: {
        firstName: asText(row.firstName) ?? known?.record.profile?.firstName,
        lastName: asText(row.lastName) ?? known?.record.profile?.lastName,
        profileImg: asText(row.profileImg),
        publicProfile: asBoolean(row.publicProfile),
      },
      attributes,
      // The `sub` of Keycloak's tokens.
      identities: [...(keycloakId ? [{ provider: 'keycloak', subject: keycloakId }] : []), ...identities],
    },
    dropped: [
      ...(known ? (known.dropped ?? []) : ['password: no such user in the realm']),
      ...(asBoolean(row.isFidoVerified) ? ['passkey'] : []),
    ],
  }
}

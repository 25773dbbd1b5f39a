import type { Client } from '../clients/client.ts'
import { realmBrand } from '../clients/clients.ts'
import type { Context, RealmContext } from '../context.ts'
import type { DialectPolicy } from '../dialect-policy.ts'

const day = 24 * 60 * 60

/**
 * The door of the account page and of whatever else rests on the session of a browser. Its refresh token, which never
 * changes, is the browser's cookie; nobody is given an access token.
 */
export const accountDoor: DialectPolicy = {
  dialect: 'account',
  rotation: 'static',
  forgivesOlderTokens: false,
  refreshToken: 'opaque',
  accessLifetime: 0,
  idleLifetime: 14 * day,
  absoluteLifetime: 30 * day,
  maxSessions: 50,
  requiresVerifiedEmail: false,
  resetLifetime: 60 * 60,
  bindsClient: true,
  emailClaim: false,
  secondFactor: 'challenge',
  secondFactorNeedsRecentSignIn: false,
}

/** The only client of that door: the pages of the realm itself. */
export function accountClient(realm: Pick<RealmContext, 'realm' | 'publicUrl'>): Client {
  return {
    dialect: accountDoor.dialect,
    id: 'account',
    kind: 'default',
    origins: [],
    redirectUris: [],
    // As it is when it is looked at: settings may change it.
    get brand() {
      return realmBrand(realm)
    },
    settings: {},
  }
}

/** The context of a realm at that door. */
export function atAccountDoor(ctx: RealmContext): RealmContext & Pick<Context, 'door' | 'client'> {
  return { ...ctx, door: accountDoor, client: accountClient(ctx) }
}

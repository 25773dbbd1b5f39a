import type { Client } from '../clients/client.ts'
import { realmBrand } from '../clients/clients.ts'
import type { Context, RealmContext } from '../context.ts'
import type { DialectPolicy } from '../dialect-policy.ts'

/** The door of the console: its refresh token, which never changes, is the cookie of an operator's browser. */
export const operatorDoor: DialectPolicy = {
  dialect: 'operator',
  rotation: 'static',
  forgivesOlderTokens: false,
  refreshToken: 'opaque',
  accessLifetime: 0,
  idleLifetime: 30 * 60,
  absoluteLifetime: 12 * 60 * 60,
  maxSessions: 20,
  requiresVerifiedEmail: false,
  resetLifetime: 60 * 60,
  bindsClient: true,
  emailClaim: false,
  secondFactor: 'challenge',
  secondFactorNeedsRecentSignIn: false,
}

/** The realm of the operators at its only door, for its only client: the console itself. */
export function atOperatorDoor(ctx: RealmContext): RealmContext & Pick<Context, 'door' | 'client'> {
  const client: Client = {
    dialect: operatorDoor.dialect,
    id: 'console',
    kind: 'default',
    origins: [],
    redirectUris: [],
    brand: realmBrand(ctx),
    settings: {},
  }
  return { ...ctx, door: operatorDoor, client }
}

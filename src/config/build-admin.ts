import type { z } from 'zod'
import { operatorsRealm } from '../core/operators/realm-name.ts'
import type { RealmConfig } from './config.ts'
import type { AdminConfig, adminOfVariables } from './sections/admin.ts'
import { isIpAddress } from './web-addresses.ts'

/**
 * The realm of the operators, and where their console is: in production on a port of its own, in development below
 * `/admin` of the only port, and nowhere when it is switched off.
 */
export function buildAdmin(
  given: z.output<typeof adminOfVariables> | null | undefined,
  { isProduction, ownUrl }: { isProduction: boolean; ownUrl: string },
): { operators: RealmConfig; admin?: AdminConfig } {
  const { host = '127.0.0.1', port, allow = [] } = given ?? {}
  if (port === 'off') return { operators: realmAt(ownUrl) }
  const own = port ?? (isProduction ? 5001 : undefined)
  const url = given?.url ?? (own === undefined ? ownUrl : `http://localhost:${own}`)
  const place = { url, host, ...(own !== undefined && { port: own }), isRequired: port !== undefined, allow }
  return { operators: realmAt(url), admin: place }
}

/** Without doors and sign-up: who runs the server comes in by an invitation, with a passkey. */
function realmAt(url: string): RealmConfig {
  const { hostname, origin } = new URL(url)
  return {
    name: operatorsRealm,
    password: { minLength: 15, maxLength: 256, isStrict: true },
    strictPasswords: 'everywhere',
    unprovenRecovery: 'never',
    accountPage: false,
    signUpPage: false,
    webhooks: { allowPrivateAddresses: false },
    ...(!isIpAddress(hostname) && {
      passkeys: { rpId: hostname, origins: [origin], userVerification: 'required' as const },
    }),
    brand: { name: 'Manydoors' },
    hosts: [],
    publicUrl: url,
    dialects: {},
    signInWith: [],
    hooks: {},
    clients: [],
  }
}

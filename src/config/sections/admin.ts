import { z } from 'zod'
import type { RealmConfig } from '../config.ts'
import { addressOrRange, wholeNumber } from '../setting-types.ts'
import { isIpAddress, publicUrl } from '../web-addresses.ts'

/** Where the console and the API of operators are. */
export interface AdminConfig {
  /** Where operators reach it, without a slash at its end; their passkeys are good for its host. */
  url: string
  host: string
  /** Of its own; without one it is served beside everything else to callers of this machine, which development does. */
  port?: number
  /** Whether that port was configured: then the server does not start without it. */
  isRequired: boolean
  /** The addresses and ranges that may reach it; everybody where there are none. */
  allow: string[]
}

/** The realm whose accounts are those of the operators; no other one may be called so. */
export const operatorsRealm = 'operators'

const off = z.literal('off')
const port = wholeNumber({ min: 0, max: 65535 })

/** `admin` in the settings file. */
export const adminSection = z
  .union(
    [
      off.transform((port) => ({ port })),
      z.strictObject({
        url: publicUrl.optional().describe('Where operators reach it (http://localhost:PORT)'),
        host: z.string().min(1).optional().describe('The address to serve it on (127.0.0.1)'),
        port: port.optional().describe('The port to serve it on (5001)'),
        allow: z
          .array(addressOrRange, 'must be a list of addresses and ranges')
          .optional()
          .describe('Addresses that may reach it (all)'),
      }),
    ],
    'must be off, or have host, port, url and allow, such as { host: 127.0.0.1, port: 5001 }',
  )
  .nullish()
  .describe('Console and API for operators, on a port of their own. See docs/console.md')

/** What variables of the environment may set of it; the port may be `off`. */
export const adminOfVariables = z.strictObject({
  url: publicUrl.optional(),
  host: z.string().optional(),
  port: z.union([off, port], 'must be a port number, or off').optional(),
  allow: z.array(addressOrRange).optional(),
})

/**
 * The realm of the operators, and where their console is: in production on a port of its own, in development below
 * `/admin` of the only port, and nowhere when it is switched off.
 */
export function readAdmin(
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
    ...(!isIpAddress(hostname) && {
      passkeys: { rpId: hostname, origins: [origin], userVerification: 'required' as const },
    }),
    brand: { name: 'Manydoors' },
    hosts: [],
    publicUrl: url,
    dialects: {},
    signInWith: [],
    clients: [],
  }
}

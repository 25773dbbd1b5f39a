import { z } from 'zod'
import type { RouteDescription } from '../../http/openapi/description.ts'
import { opaque } from '../../http/openapi/wire-types.ts'
import { own } from './described-refusals.ts'
import { base } from './paths.ts'
import { refused } from './refused.ts'

/** What the door says of itself. */
export const aboutRoutes: Record<string, RouteDescription> = {
  [`GET ${base}/settings`]: {
    summary: 'How the door is set',
    answers: {
      200: {
        description: 'What is on, and what is off',
        body: z.strictObject({
          external: z
            .record(z.string(), z.boolean())
            .meta({ description: 'Ways to sign in: `email`, `phone`, and providers by their names' }),
          disable_signup: z.boolean(),
          mailer_autoconfirm: z.boolean(),
          phone_autoconfirm: z.literal(false),
          sms_provider: z.literal(''),
          saml_enabled: z.literal(false),
          passkeys_enabled: z.literal(false),
        }),
      },
    },
  },
  [`GET ${base}/health`]: {
    summary: 'Whether the door answers',
    answers: {
      200: {
        description: 'It does',
        body: z.strictObject({ version: z.string(), name: z.literal('Manydoors'), description: z.string() }),
      },
    },
  },
  [`GET ${base}/.well-known/jwks.json`]: {
    summary: 'The keys that access tokens are checked with',
    description:
      'RFC 7517: the same as at `/.well-known/jwks.json` of the server. They may be kept for five minutes.',
    answers: {
      200: {
        description: 'Public keys',
        body: z.strictObject({
          keys: z.array(z.looseObject({ kty: z.string(), kid: opaque, alg: z.string() })),
        }),
      },
    },
  },
}

/** What the client can ask for and this door has not. */
export const refusedRoutes: Record<string, RouteDescription> = Object.fromEntries(
  refused.flatMap(({ row, paths }) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      methods.map((method) => [
        `${method} ${base}${path.replace(/\*$/, ':rest')}`,
        { summary: row.message, answers: {}, refusals: [own(row)] },
      ]),
    ),
  ),
)

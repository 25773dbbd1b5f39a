import { z } from 'zod'
import { isOwnSecret } from '../../lib/own-secret.ts'
import { originFault } from '../../upstream/origin.ts'
import type { DialectManifest } from '../dialect-manifest.ts'
import { day, duration, oneOf, secretSetting, section, text } from '../setting-types.ts'

const dayMs = 86_400_000
const maxDays = 90

const secretRule =
  'must be 32 bytes or more that are in no document: what is signed with another one could be made by anybody'

const hs256 = z.string(secretRule).refine(isOwnSecret, secretRule)

const cutRule = 'must be a moment such as 2027-02-01T06:00:00Z'

/** What becomes of the tokens that an old server has given out, as an operator describes it. */
export function oldTokensSection({ oldTokens }: DialectManifest) {
  const refresh = oldTokens?.refresh ?? ['imported', 'signed']
  const [first = 'imported', ...others] = refresh
  return z
    .strictObject(
      {
        until: day().describe('The last day on which any of them is good, in UTC, such as 2027-03-01'),
        notIssuedAfter: z.iso
          .datetime({ offset: true, error: cutRule })
          .transform((text) => Date.parse(text))
          .describe('When the old server gave out its last: the moment of the cut'),
        ...secretSetting('hs256', hs256, 'The secret that it signs its tokens with by HS256'),
        jwks: z
          .string('must be an address such as https://old.example.com/jwks.json')
          .optional()
          .describe('Where the keys are that its tokens are signed with'),
        algorithm: oneOf(['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'])
          .optional()
          .describe('By which the keys of `jwks` sign, and no other one (RS256)'),
        sessions: oneOf([first, ...others])
          .optional()
          .describe(
            'How its refresh tokens are known: by what was imported, by their signature, or by asking it',
          ),
        issuer: text.optional().describe('The `iss` that its tokens must have; `jwks` needs it'),
        audience: text.optional().describe('The `aud` that its tokens must have'),
        source: text.optional().describe('What its accounts were imported under (the name of the dialect)'),
        accessLifetime: duration({ min: '1m', max: '30d' })
          .optional()
          .describe('How long its access tokens are good; what lives longer is none (1h)'),
      },
      section,
    )
    .superRefine((given: Given, ctx) => {
      const complain = (name: string, message: string) =>
        ctx.addIssue({ code: 'custom', path: [name], message })
      const { until, notIssuedAfter, hs256, jwks, issuer, algorithm, sessions } = given
      if (until <= notIssuedAfter) complain('until', 'must be after notIssuedAfter')
      if (until > notIssuedAfter + (maxDays + 1) * dayMs)
        complain('until', `must be at most ${maxDays} days after notIssuedAfter`)
      if (hs256 === undefined && jwks === undefined && sessions === undefined)
        complain('hs256', 'is missing, or jwks, or sessions: nothing says which tokens are good')
      if (hs256 !== undefined && jwks !== undefined) complain('jwks', 'has no meaning beside hs256')
      if (jwks === undefined && algorithm !== undefined) complain('algorithm', 'has no meaning without jwks')
      if (sessions !== undefined && refresh.length === 0)
        complain('sessions', 'has no meaning here: there are no refresh tokens')
      if (jwks !== undefined && issuer === undefined) complain('issuer', 'is missing: jwks needs it')
      if (sessions === 'signed' && hs256 === undefined && jwks === undefined)
        complain('sessions', 'needs hs256 or jwks for signed')
    })
    .nullish()
    .describe('What becomes of the tokens that it has given out: docs/switching.md')
}

/** What is wrong with it in view of the rest of what is said of the old server. */
export function oldTokensFaults(given: {
  tokens?: OldTokensSection
  allowPrivate?: boolean
  generic?: unknown
}): { name: string; message: string }[] {
  const { jwks, sessions } = given.tokens ?? {}
  const fault = jwks === undefined ? undefined : keysFault(jwks, given.allowPrivate ?? false)
  return [
    ...(fault === undefined ? [] : [{ name: 'jwks', message: fault }]),
    ...(sessions === 'relay' && given.generic !== undefined
      ? [{ name: 'sessions', message: 'cannot be relay beside generic, which says nothing of refreshing' }]
      : []),
  ]
}

function keysFault(jwks: string, allowPrivate: boolean): string | undefined {
  const url = URL.parse(jwks)
  if (url === null || !/^https?:$/.test(url.protocol) || url.hash !== '')
    return 'must be an address such as https://old.example.com/jwks.json'
  const { username, password, origin } = url
  return username !== '' || password !== '' ? 'must hold no password' : originFault(origin, { allowPrivate })
}

interface Given {
  until: number
  notIssuedAfter: number
  hs256?: string
  hs256File?: string
  jwks?: string
  algorithm?: 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA'
  sessions?: 'imported' | 'signed' | 'relay'
  issuer?: string
  audience?: string
  source?: string
  accessLifetime?: number
}
export type OldTokensSection = Given | null | undefined

/** What becomes of the tokens of an old server. */
export interface OldTokensConfig {
  /** Epoch milliseconds, like the next one. */
  until: number
  notIssuedAfter: number
  hs256?: string
  jwks?: string
  algorithm: NonNullable<Given['algorithm']>
  sessions?: NonNullable<Given['sessions']>
  issuer?: string
  audience?: string
  /** What its accounts may have been imported under. */
  sources: string[]
  accessLifetimeSeconds: number
}

/** The settings of old tokens, with defaults for what is not set; `undefined` where none of its tokens is taken. */
export function buildOldTokens(
  given: OldTokensSection,
  { door, oldTokens }: DialectManifest,
): OldTokensConfig | undefined {
  if (!given) return undefined
  const {
    source = door.dialect,
    accessLifetime = 3600,
    algorithm = 'RS256',
    hs256File: _file,
    ...rest
  } = given
  return {
    ...rest,
    algorithm,
    sources: [source, ...(oldTokens?.sources ?? [])],
    accessLifetimeSeconds: accessLifetime,
  }
}

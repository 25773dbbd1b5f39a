import { z } from 'zod'
import { type GenericSettings, genericSettings } from '../../upstream/generic-settings.ts'
import { originFault } from '../../upstream/origin.ts'
import type { DialectManifest } from '../dialect-manifest.ts'
import { day, duration, oneOf, section, wholeNumber, yesOrNo } from '../setting-types.ts'
import {
  buildOldTokens,
  type OldTokensConfig,
  type OldTokensSection,
  oldTokensFaults,
  oldTokensSection,
} from './old-tokens.ts'

/** What holds for the old server of every door. */
const shared = {
  upstream: z.string().describe('The origin of the old server, such as https://old.example.com'),
  verify: oneOf(['off', 'pending', 'unknown'])
    .optional()
    .describe(
      'Whom the old server is asked about: nobody, accounts that were imported without a hash, or also those that are not here and then are created (pending)',
    ),
  authority: oneOf(['new', 'old'])
    .optional()
    .describe('`old`: it is also asked where an imported hash says that the password is wrong (new)'),
  until: day().optional().describe('The last day on which it is asked, in UTC, such as 2027-03-01'),
  timeout: duration({ min: '1s', max: '30s' }).optional().describe('How long it may take to answer (3s)'),
  concurrency: wholeNumber({ min: 1, max: 100 })
    .optional()
    .describe('Passwords that it is asked for at a time (8)'),
  perMinute: wholeNumber({ min: 1, max: 100_000 })
    .optional()
    .describe('Passwords that it is asked for in a minute (300)'),
  forwardAddress: yesOrNo().optional().describe('Whether it is told by X-Forwarded-For who signs in (true)'),
  allowPrivate: yesOrNo().optional().describe('Whether it may be in a private network (false)'),
  generic: genericSettings.optional().describe('How to ask it, where that is not as the dialect has it'),
}

const ownNames = new Set([...Object.keys(shared), 'tokens'])

/** The server that was here before and knows passwords that this one does not, as an operator describes it. */
export function switchingSection(manifest: DialectManifest) {
  const { upstreamOptions } = manifest
  const tokens = oldTokensSection(manifest)
  return z
    .strictObject({ ...shared, tokens, ...upstreamOptions?.partial().shape }, section)
    .superRefine((given, ctx) => {
      const fault = originFault(given.upstream, { allowPrivate: given.allowPrivate ?? false })
      if (fault !== undefined) ctx.addIssue({ code: 'custom', path: ['upstream'], message: fault })
      for (const { name, message } of oldTokensFaults(given))
        ctx.addIssue({ code: 'custom', path: ['tokens', name], message })
      const options = optionsOf(given)
      if (given.generic !== undefined) {
        for (const name of Object.keys(options))
          ctx.addIssue({ code: 'custom', path: [name], message: 'has no meaning beside generic' })
        return
      }
      const { error } = upstreamOptions?.safeParse(options) ?? {}
      for (const { path, message } of error?.issues ?? [])
        ctx.addIssue({ code: 'custom', path: [...path], message })
    })
    .nullish()
    .describe('The server that was here before: docs/switching.md')
}

/** What is the dialect's of it. */
function optionsOf(given: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => !ownNames.has(name) && value !== undefined),
  )
}

type Shared = z.output<z.ZodObject<typeof shared>> & { tokens?: OldTokensSection }
export type SwitchingSection = Shared | null | undefined

/** How and when an old server is asked. */
export interface SwitchingConfig {
  /** Its origin. */
  upstream: string
  verify: 'off' | 'pending' | 'unknown'
  authority: 'new' | 'old'
  /** Epoch milliseconds: it is not asked any more from then on. */
  until?: number
  timeoutSeconds: number
  concurrency: number
  perMinute: number
  forwardAddress: boolean
  allowPrivate: boolean
  /** How it is asked, where that is not as the dialect has it. */
  generic?: GenericSettings
  /** What becomes of the tokens that it has given out, if any of them is taken. */
  tokens?: OldTokensConfig
  /** What the dialect wants to know of it. */
  options: Record<string, unknown>
}

/** The old server of a door with what is not set; `undefined` where there is none. */
export function buildSwitching(
  given: SwitchingSection,
  manifest: DialectManifest,
): SwitchingConfig | undefined {
  if (!given) return undefined
  const tokens = buildOldTokens(given.tokens, manifest)
  const { until, generic } = given
  return {
    upstream: new URL(given.upstream).origin,
    verify: given.verify ?? 'pending',
    authority: given.authority ?? 'new',
    ...(until !== undefined && { until }),
    timeoutSeconds: given.timeout ?? 3,
    concurrency: given.concurrency ?? 8,
    perMinute: given.perMinute ?? 300,
    forwardAddress: given.forwardAddress ?? true,
    allowPrivate: given.allowPrivate ?? false,
    ...(generic && { generic }),
    ...(tokens && { tokens }),
    options: optionsOf(given),
  }
}

import { z } from 'zod'
import { limits } from '../../core/limits/limits.ts'
import type { LimitSettings } from '../../limits/settings.ts'
import { duration, durationText, optionalSection, wholeNumber } from '../setting-types.ts'

const limit = z.union(
  [
    z.literal('off'),
    z.strictObject({
      points: wholeNumber({ min: 1, max: 1_000_000 }).describe('How many'),
      per: duration({ min: '1s', max: '366d' }).describe('In what time'),
    }),
  ],
  'must be off, or have points and per, such as { points: 10, per: 15m }',
)

/** `limits` in the settings file. */
export const limitsSection = optionalSection(
  'What may be tried how often, by the names of the limits',
  Object.fromEntries(
    Object.values(limits).map(({ name, points, seconds, reason }) => [
      name,
      limit.optional().describe(`${reason} (${points} in ${durationText(seconds)})`),
    ]),
  ),
)

/** The limits that the file sets, by their names. */
export function readLimits(given: z.output<typeof limitsSection>): LimitSettings {
  const set = Object.entries(given ?? {}).map(([name, limit]) => [
    name,
    typeof limit === 'object' ? { points: limit.points, seconds: limit.per } : limit,
  ])
  return Object.fromEntries(set)
}

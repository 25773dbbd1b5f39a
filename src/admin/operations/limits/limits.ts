import { z } from 'zod'
import { AmbiguousAccount } from '../../../core/accounts/admin.ts'
import { type DescribedRule, limits } from '../../../core/limits/limits.ts'
import { clearLimits, type FoundCount, type LookUp, lookUpLimits } from '../../../core/limits/look-up.ts'
import { refusedLately } from '../../../core/limits/refused-lately.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { lineField } from '../../../http/fields.ts'
import { fieldRules } from '../field-rules.ts'
import { defineOperation } from '../operation.ts'
import { isoTime } from '../times.ts'

const Rule = z.object({
  name: z.string(),
  isOff: z.boolean(),
  points: z.number(),
  seconds: z.number(),
  isDefault: z.boolean().describe('It is as it comes, and not set otherwise'),
  per: z.string().describe('What each count is for'),
  clearedBy: z.string().nullable(),
  reason: z.string(),
})

export const listRules = defineOperation({
  name: 'limits.list',
  summary: 'List the limits as they are set, each with what it is for',
  capability: 'limits.read',
  at: 'realm',
  method: 'GET',
  path: '/limits',
  input: z.object({}),
  output: z.object({ items: z.array(Rule) }),
  run: async ({ means }) => ({
    items: Object.values(limits).map((rule: DescribedRule) => {
      const { name, per, clearedBy, reason } = rule
      const settled = means.facts.settledLimit(rule)
      const { points, seconds } = settled ?? rule
      const isDefault = settled !== undefined && points === rule.points && seconds === rule.seconds
      return {
        name,
        isOff: !settled,
        points,
        seconds,
        isDefault,
        per,
        clearedBy: clearedBy ?? null,
        reason,
      }
    }),
  }),
})

const Count = z.object({
  rule: z.string(),
  used: z.number(),
  points: z.number(),
  seconds: z.number(),
  isUsedUp: z.boolean(),
  endsAt: z.string(),
  who: z
    .string()
    .nullable()
    .describe('The name of the account that is counted; `account` for the account itself'),
  address: z.string().nullable().describe('The address that it is counted at alone'),
})

const Found = z.object({
  address: z.string().nullable(),
  account: z.string().nullable().describe('The id of the account that is meant'),
  items: z.array(Count),
})

const ofField = lineField({ min: 1, max: 320, message: fieldRules.lookUp }).describe(
  'An account, by any name or id, or an IP address',
)

/** What was found, as it is told. Throws `refused` where what was typed names two accounts. */
async function told(work: Promise<LookUp>): Promise<z.input<typeof Found>> {
  try {
    return presentFound(await work)
  } catch (error) {
    if (error instanceof AmbiguousAccount)
      throw new OperatorError('refused', 'account_ambiguous', { name: error.account })
    throw error
  }
}

export const lookUp = defineOperation({
  name: 'limits.look_up',
  summary: 'Look up what an account or an IP address has used of the limits',
  capability: 'limits.read',
  at: 'realm',
  method: 'GET',
  path: '/limits/counts',
  input: z.object({ of: ofField }),
  output: Found,
  run: ({ ctx }, { of }) => told(lookUpLimits(ctx, of)),
})

export const clear = defineOperation({
  name: 'limits.clear',
  summary: 'Set back what an account or an IP address has used of the limits',
  capability: 'limits.clear',
  at: 'realm',
  method: 'POST',
  path: '/limits/clear',
  input: z.object({ of: ofField }),
  output: Found,
  run: ({ ctx }, { of }) => told(clearLimits(ctx, of)),
})

export const refused = defineOperation({
  name: 'limits.refused',
  summary: 'List the addresses that were refused most in the last hour',
  capability: 'limits.read',
  at: 'realm',
  method: 'GET',
  path: '/limits/refused',
  input: z.object({}),
  output: z.object({
    items: z.array(z.object({ ip: z.string(), refusals: z.number(), lastAt: z.string() })),
  }),
  run: async ({ ctx }) => ({
    items: (await refusedLately(ctx)).map(({ lastAt, ...address }) => ({
      ...address,
      lastAt: isoTime(lastAt),
    })),
  }),
})

/** What was found, as operators see it. */
export function presentFound({ address, account, counts }: LookUp): z.input<typeof Found> {
  return { address: address ?? null, account: account?.id ?? null, items: counts.map(presentCount) }
}

function presentCount({ endsAt, who, address, ...count }: FoundCount): z.input<typeof Count> {
  return { ...count, endsAt: isoTime(endsAt), who: who ?? null, address: address ?? null }
}

export const limitOperations = [listRules, lookUp, clear, refused]

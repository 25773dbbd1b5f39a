import { z } from 'zod'
import {
  addBlock,
  type Block,
  BlockRefused,
  isWideRange,
  listBlocks,
  removeBlock,
} from '../../../core/limits/blocks.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { fieldRules, maxBlockHours } from '../field-rules.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { isoTime } from '../times.ts'

const hourMs = 60 * 60_000

const BlockView = z.object({
  range: z.string(),
  reason: z.string(),
  actor: z.string(),
  createdAt: z.string(),
  endsAt: z.string(),
})

const rangeField = z
  .string()
  .trim()
  .min(1, fieldRules.range)
  .max(64)
  .describe('An IP address, or a CIDR range such as 203.0.113.0/24')

const hoursRule = fieldRules.blockHours

export const list = defineOperation({
  name: 'blocks.list',
  summary: 'List the addresses that nobody is answered at',
  capability: 'limits.read',
  at: 'realm',
  method: 'GET',
  path: '/blocks',
  input: z.object({}),
  output: z.object({ items: z.array(BlockView) }),
  run: async ({ ctx }) => ({ items: (await listBlocks(ctx)).map(present) }),
})

export const add = defineOperation({
  name: 'blocks.add',
  summary: 'Answer nobody at an address or in a range, up to 30 days; wide ranges need `blocks.write_wide`',
  capability: 'blocks.write',
  at: 'realm',
  method: 'POST',
  path: '/blocks',
  input: z.object({
    range: rangeField,
    hours: z.coerce.number(hoursRule).int(hoursRule).min(1, hoursRule).max(maxBlockHours, hoursRule),
    reason: reasonField,
  }),
  output: BlockView,
  run: async ({ ctx, asker }, { range, hours, reason }) => {
    if (isWideRange(range) && !asker.may('blocks.write_wide', ctx.realm.name))
      throw new BlockRefused('not_yours')
    return present(await addBlock(ctx, { range, reason, endsAt: ctx.now() + hours * hourMs }))
  },
})

export const remove = defineOperation({
  name: 'blocks.remove',
  summary: 'Answer at an address or in a range again',
  capability: 'blocks.write',
  at: 'realm',
  method: 'POST',
  path: '/blocks/remove',
  input: z.object({ range: rangeField }),
  output: nothing,
  run: async ({ ctx }, { range }) => {
    if (!(await removeBlock(ctx, range))) throw new OperatorError('not_found')
    return {}
  },
})

function present({ createdAt, endsAt, ...block }: Block): z.input<typeof BlockView> {
  return { ...block, createdAt: isoTime(createdAt), endsAt: isoTime(endsAt) }
}

export const blockOperations = [list, add, remove]

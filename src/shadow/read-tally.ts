import { z } from 'zod'
import { differenceKinds } from './difference.ts'
import type { ShadowTally } from './tally.ts'

const count = z.int().min(0)

const difference = z.object({
  kind: z.enum(differenceKinds),
  pointer: z.string(),
  old: z.string(),
  new: z.string(),
})

const tally = z.object({
  dialect: z.string(),
  startedAt: z.string(),
  routes: z.record(
    z.string(),
    z.object({
      same: count,
      unpaired: count,
      dropped: count,
      failed: count,
      unsettled: count,
      different: z.array(z.object({ count, examples: z.array(z.array(difference)) })),
    }),
  ),
})

/** What a shadow has written of what it saw; `undefined` for every other text. */
export function readTally(text: string): ShadowTally | undefined {
  try {
    return tally.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

import { z } from 'zod'
import type { OnDemandState } from '../../lib/on-demand.ts'
import { isoTimeOrNull } from './times.ts'

/** Work that is done on demand, as it stands. */
export const WorkView = z.object({
  isRunning: z.boolean(),
  endedAt: z.string().nullable().describe('When it last ended; null before that'),
  tookMs: z.number().nullable(),
  hasFailed: z.boolean().describe('The last time it came to nothing: the log says why'),
})

/** How work stands, and what it came to the last time. */
export function presentWork<Result>({ isRunning, last }: OnDemandState<Result>): {
  work: z.input<typeof WorkView>
  result: Result | undefined
} {
  const result = last && 'result' in last ? last.result : undefined
  return {
    work: {
      isRunning,
      endedAt: isoTimeOrNull(last?.at),
      tookMs: last?.tookMs ?? null,
      hasFailed: last !== undefined && 'error' in last,
    },
    result,
  }
}

import type { RealmContext } from '../../core/context.ts'
import type { Log } from '../../core/log.ts'
import { fanOutEvents, releaseDeliveries } from '../../core/webhooks/fan-out.ts'
import { startRounds } from './rounds.ts'
import type { Worker } from './worker.ts'

/** How long events that other nodes and commands have written may stay unnoticed. */
const pauseMs = 5_000

interface SweepParts {
  contexts: Map<string, RealmContext>
  /** Those of these realms where events wait. */
  realmsWithEvents(realms: string[]): Promise<string[]>
  /** Those where deliveries are asked for and nobody is in the way. */
  realmsToRelease(realms: string[]): Promise<string[]>
  log: Log
}

/** Makes deliveries of the events that endpoints are to be told of. Asks the database nothing where no realm has any. */
export function startWebhookSweep({ contexts, realmsWithEvents, realmsToRelease, log }: SweepParts): Worker {
  const take = async (names: string[], step: (ctx: RealmContext) => Promise<number>) => {
    for (const name of names) {
      const ctx = contexts.get(name)
      // What is left is taken in the next round: the jobs wake us, too.
      if (ctx) await step(ctx)
    }
  }
  const sweep = async () => {
    const realms = [...contexts].filter(([, { wantedEvents }]) => wantedEvents.patterns.size > 0)
    const names = realms.map(([name]) => name)
    if (names.length > 0) {
      await take(await realmsWithEvents(names), fanOutEvents)
      await take(await realmsToRelease(names), releaseDeliveries)
    }
    rounds.wakeIn(pauseMs)
  }
  const rounds = startRounds(sweep, (error) => {
    log.error({ err: error }, 'endpoints of webhooks could not be told, will be retried')
    rounds.wakeIn(pauseMs)
  })
  rounds.wake()
  return rounds
}

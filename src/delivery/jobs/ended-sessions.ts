import type { RealmContext } from '../../core/context.ts'
import type { Log } from '../../core/log.ts'
import { tellEnds } from '../../core/openid/tell-ends.ts'
import { startRounds } from './rounds.ts'
import type { Worker } from './worker.ts'

/** How long sessions that other nodes and commands have ended may stay unnoticed. */
const pauseMs = 5_000

interface SweepParts {
  contexts: Map<string, RealmContext>
  /** Those of these realms that have ends to tell of. */
  realmsToTell(realms: string[]): Promise<string[]>
  log: Log
}

/**
 * Writes jobs for the ends of sessions that clients are to be told of: whatever has ended them, no statement has to
 * think of it. Does nothing where no realm has OpenID Connect.
 */
export function startSweep({ contexts, realmsToTell, log }: SweepParts): Worker {
  const names = [...contexts.values()].filter(({ realm }) => realm.openid).map(({ realm }) => realm.name)
  if (names.length === 0) return { wake: () => {}, stop: async () => {} }

  const sweep = async () => {
    for (const name of await realmsToTell(names)) {
      const ctx = contexts.get(name)
      // What is left is taken in the next round: the jobs wake us, too.
      if (ctx) await tellEnds(ctx)
    }
    rounds.wakeIn(pauseMs)
  }
  const rounds = startRounds(sweep, (error) => {
    log.error({ err: error }, 'ended sessions could not be told of, will be retried')
    rounds.wakeIn(pauseMs)
  })
  rounds.wake()
  return rounds
}

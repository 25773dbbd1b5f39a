import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Effort } from './cases.ts'
import { type Comparison, compare } from './compare.ts'
import { startServer } from './processes.ts'
import { fewPeople, openStage } from './stage.ts'

/** better-auth's session check and sign-in. Throws when it is not installed. */
export async function comparePeers({ rounds, seconds }: Effort): Promise<Comparison[]> {
  if (!existsSync(join(import.meta.dirname, 'peers', 'node_modules')))
    throw new Error('the peers are not installed: npm ci --prefix bench/peers')
  const stage = await openStage(fewPeople)
  const peer = await startServer('peers/better-auth.ts', {
    env: { PEER_DATABASE: join(stage.folder, 'peer.db') },
  })
  try {
    const ours = await stage.startOurs()
    const against = (name: string, scenario: 'bearer' | 'sign-in', target?: number) =>
      compare({
        name,
        against: 'better-auth',
        target,
        rounds,
        ours: () => stage.measure('ours', ours, { scenario, seconds }),
        theirs: () => stage.measure('peer', peer, { scenario: `peer-${scenario}`, seconds }),
      })
    await stage.measure('peer', peer, { scenario: 'peer-sign-up', amount: fewPeople.people })
    return [await against('session check', 'bearer', 3), await against('sign-in', 'sign-in')]
  } finally {
    await peer.stop()
    await stage.close()
  }
}

import type { RealmContext } from '../../core/context.ts'
import { type KeyLifetimes, maintainKeys } from '../../core/keys/key-rotation.ts'
import { resealRealm, resealRetainedKeys } from '../../core/keys/resealing.ts'
import type { RetainedKeyStore } from '../../store/tables/retained-keys.ts'
import { type Core, everyRealm } from '../core.ts'
import type { MaintenanceTask } from './scheduler.ts'

/** How long a node may not know what another one has done to the signing keys. */
const keyReloadIntervalMs = 30_000
const reencryptionIntervalMs = 15_000
/** Texts that are sealed anew in one go, so that a node that stops does not wait long for it. */
const batchSize = 1000

/** What keeps the keys of all realms in order: rotation of signing keys, and moving to a new master key. */
export function keyTasks(
  core: Core,
  retainedKeys: RetainedKeyStore,
  lifetimes: KeyLifetimes,
): MaintenanceTask[] {
  return [
    ...[...core.realms.values()].map((ctx) => ({
      name: `signing keys of ${ctx.realm.name}`,
      intervalMs: keyReloadIntervalMs,
      run: () => maintainKeys(ctx, lifetimes),
    })),
    ...everyRealm(core).map((ctx) => ({
      name: `resealing of ${ctx.realm.name}`,
      intervalMs: reencryptionIntervalMs,
      run: reencryption(ctx, retainedKeys),
    })),
  ]
}

function reencryption(ctx: RealmContext, retainedKeys: RetainedKeyStore): () => Promise<void> {
  let known = 0
  return async () => {
    const ofAll = await resealRetainedKeys(ctx, retainedKeys, batchSize)
    const ofRealm = await resealRealm(ctx, batchSize)
    const unopened = [...ofAll.unopened, ...ofRealm.unopened]
    // Not each time: an operator may have nothing to mend it with.
    if (unopened.length > known)
      ctx.log.error(
        { realm: ctx.realm.name, unopened: unopened.slice(0, 10), count: unopened.length },
        'cannot decrypt with any configured master key',
      )
    known = unopened.length
  }
}

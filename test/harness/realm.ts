import assert from 'node:assert/strict'
import { readConfig } from '../../src/config/read-config.ts'
import type { RealmContext } from '../../src/core/context.ts'
import { openCore } from '../../src/server/core.ts'
import { createLog } from '../../src/server/log.ts'
import type { TestServer } from './harness.ts'

/** Works on the first realm of a server's database beside the server, as a command does. */
export async function withRealm<T>(
  { env, clock, argon2 }: TestServer,
  work: (ctx: RealmContext) => Promise<T>,
): Promise<T> {
  const config = readConfig(env)
  const log = createLog(config, { write: () => {} }, { now: clock.now })
  const core = await openCore(config, { now: clock.now, log, argon2, wakeWorker: () => {} })
  try {
    const [ctx] = core.realms.values()
    return await work(ctx ?? assert.fail('there is no realm'))
  } finally {
    await core.close()
  }
}

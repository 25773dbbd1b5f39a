import { hostname } from 'node:os'
import { v7 as uuidv7 } from 'uuid'
import pkg from '../../../package.json' with { type: 'json' }
import { longestTokenLifetime } from '../../core/openid/settings.ts'
import { retainedKeys } from '../../store/tables/retained-keys.ts'
import type { Core } from '../core.ts'
import type { RealmApp } from '../realm-app.ts'
import type { StartParts } from '../start-parts.ts'
import { cleanupTasks } from './cleanup-tasks.ts'
import { keyTasks } from './key-tasks.ts'
import { type OperationsTasks, operationsTasks } from './operations-tasks.ts'
import { type Maintenance, startMaintenance } from './scheduler.ts'

/** Starts what a node does from time to time: keys, what is to be forgotten, and what it tells of itself. */
export function startTasks(parts: StartParts, core: Core, apps: RealmApp[]): Maintenance {
  const { config, now, log } = parts
  const doors = apps.flatMap(({ mounted }) => mounted.map(({ ctx }) => ctx.door))
  const openid = config.realms.flatMap(({ openid }) => openid ?? [])
  const tokenLifetimeSeconds = Math.max(
    0,
    ...doors.map(({ accessLifetime }) => accessLifetime),
    ...openid.map(longestTokenLifetime),
  )
  const lifetimes = { ...config.keys, tokenLifetimeSeconds }
  const operations = tasksOfNode(parts, core)
  const maintenance = startMaintenance({
    tasks: [
      ...keyTasks(core, retainedKeys(core.db), lifetimes),
      ...cleanupTasks(core, { now }),
      ...operations.tasks,
    ],
    log,
  })
  return {
    ...maintenance,
    stop: async () => {
      await maintenance.stop()
      await operations.leave()
    },
  }
}

/** What this process tells of itself. */
function tasksOfNode({ machine, now, log, observation }: StartParts, { db, realms }: Core): OperationsTasks {
  return operationsTasks({
    db,
    realms,
    traffic: observation.traffic,
    node: {
      id: uuidv7(),
      host: hostname(),
      pid: machine.pid,
      version: pkg.version,
      started_at: now(),
    },
    rss: machine.rss,
    now,
    log,
  })
}

import { z } from 'zod'
import type { RealmContext } from '../../../core/context.ts'
import { ownersWithOnePasskey, troublesOf } from '../../../core/operations/attention.ts'
import { listNodes } from '../../../core/operations/nodes.ts'
import { trafficByMinute } from '../../../core/operations/traffic.ts'
import type { Desk } from '../../desk.ts'
import { defineOperation } from '../operation.ts'
import { isoTime } from '../times.ts'

/** What is shown of the traffic: the last hour. */
export const minutesShown = 60

const milliseconds = z.number().nullable().describe('Milliseconds; null where nobody has asked')

const Minute = z.object({
  at: z.string(),
  signIns: z.number(),
  refreshes: z.number(),
  refusals: z.number(),
  p50: milliseconds,
  p99: milliseconds,
})

const RealmTroubles = z.object({
  realm: z.string(),
  givenUp: z.number().describe('Messages and calls that were given up in the last day, up to 1000'),
  jobLagSeconds: z.number().describe('For how long the oldest job that is due waits; 0 up to a minute'),
  reuses: z.number().describe('Sessions whose token was shown twice in the last day, up to 1000'),
  isKeyDue: z.boolean().describe('The signing key is older than it should get'),
})

const Node = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  version: z.string(),
  startedAt: z.string(),
  seenAt: z.string(),
  rssBytes: z.number(),
  isLate: z.boolean().describe('It has missed a heartbeat'),
})

const RealmOverview = z.object({ minutes: z.array(Minute), troubles: z.array(RealmTroubles) })

const ServerOverview = RealmOverview.extend({
  nodes: z.array(Node),
  ownersWithOnePasskey: z.array(z.string()),
  freeDiskBytes: z.number().nullable().describe('On the disk of the database; null where that is elsewhere'),
})

export const realmOverview = defineOperation({
  name: 'realms.overview',
  summary: 'Show the last hour of a realm, and what needs a hand',
  capability: 'doors.read',
  at: 'realm',
  method: 'GET',
  path: '/overview',
  input: z.object({}),
  output: RealmOverview,
  run: async (desk) => overviewOf(desk, [desk.ctx]),
})

export const serverOverview = defineOperation({
  name: 'server.overview',
  summary: 'Show the last hour of all realms together, what needs a hand, and the processes that serve',
  capability: 'doors.read',
  at: 'server',
  method: 'GET',
  path: '/overview',
  input: z.object({}),
  output: ServerOverview,
  run: async (desk) => {
    const { means, ctx } = desk
    const [overview, nodes, owners, freeDiskBytes] = await Promise.all([
      overviewOf(desk, [...means.realms.values()]),
      listNodes(ctx),
      ownersWithOnePasskey(ctx),
      means.facts.freeDiskBytes(),
    ])
    return {
      ...overview,
      nodes: nodes.map(({ startedAt, seenAt, ...node }) => ({
        ...node,
        startedAt: isoTime(startedAt),
        seenAt: isoTime(seenAt),
      })),
      ownersWithOnePasskey: owners,
      freeDiskBytes: freeDiskBytes ?? null,
    }
  },
})

async function overviewOf(
  { ctx, means }: Desk,
  contexts: RealmContext[],
): Promise<z.input<typeof RealmOverview>> {
  const [minutes, troubles] = await Promise.all([
    trafficByMinute({ now: ctx.now, contexts }, minutesShown),
    Promise.all(
      contexts.map(async (ctx) => ({ realm: ctx.realm.name, ...(await troublesOf(ctx, means.facts)) })),
    ),
  ])
  return {
    minutes: minutes.map(({ at, p50, p99, ...counts }) => ({
      at: isoTime(at),
      ...counts,
      p50: p50 ?? null,
      p99: p99 ?? null,
    })),
    troubles,
  }
}

export const overviewOperations = [realmOverview, serverOverview]

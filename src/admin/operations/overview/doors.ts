import { z } from 'zod'
import { refusalsAtDoors } from '../../../core/operations/refusals-at-doors.ts'
import { trafficByDoor } from '../../../core/operations/traffic.ts'
import type { AuditRow } from '../../../store/schema.ts'
import { defineOperation } from '../operation.ts'
import { isoTime } from '../times.ts'
import { minutesShown } from './overview.ts'

const milliseconds = z.number().nullable().describe('Milliseconds; null where nobody has asked')

const Refusal = z.object({
  at: z.string(),
  event: z.string(),
  detail: z.string().nullable(),
  accountId: z.string().nullable(),
  clientId: z.string().nullable(),
  ip: z.string().nullable(),
})

const Door = z.object({
  dialect: z.string().describe('Empty for the pages for people'),
  ok: z.number(),
  refused: z.number(),
  failed: z.number(),
  p50: milliseconds,
  p99: milliseconds,
  outcomes: z.array(z.object({ outcome: z.string(), count: z.number() })),
  minutes: z.array(
    z.object({
      at: z.string(),
      requests: z.number(),
      refused: z.number(),
      p50: milliseconds,
      p99: milliseconds,
    }),
  ),
  refusals: z.array(Refusal).describe('The newest, of the last day'),
})

export const listDoors = defineOperation({
  name: 'doors.list',
  summary: 'Show the last hour of each door of a realm, and whom it has refused',
  capability: 'doors.read',
  at: 'realm',
  method: 'GET',
  path: '/doors',
  input: z.object({}),
  output: z.object({ items: z.array(Door) }),
  run: async ({ ctx, means }) => {
    const dialects = [...means.facts.doorsOf(ctx.realm.name), '']
    const [doors, refusals] = await Promise.all([
      trafficByDoor(ctx, dialects, minutesShown),
      refusalsAtDoors(ctx),
    ])
    const items = doors.map(({ minutes, p50, p99, ...door }) => ({
      ...door,
      p50: p50 ?? null,
      p99: p99 ?? null,
      minutes: minutes.map(({ at, p50, p99, ...counts }) => ({
        at: isoTime(at),
        ...counts,
        p50: p50 ?? null,
        p99: p99 ?? null,
      })),
      // What pages refuse has no door, or that of the account page.
      refusals: door.dialect === '' ? [] : (refusals.get(door.dialect) ?? []).map(presentRefusal),
    }))
    return { items }
  },
})

function presentRefusal(row: AuditRow): z.input<typeof Refusal> {
  return {
    at: isoTime(row.at),
    event: row.event,
    detail: row.detail,
    accountId: row.account_id,
    clientId: row.client_id,
    ip: row.ip,
  }
}

export const doorOperations = [listDoors]

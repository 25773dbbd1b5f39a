import { z } from 'zod'
import type { AuditRow } from '../../../store/schema.ts'
import { isoTime } from '../times.ts'

/** A row of the audit trail. */
export const EventView = z.object({
  id: z.string(),
  at: z.string(),
  event: z.string(),
  outcome: z.string(),
  account: z.string().nullable(),
  session: z.string().nullable(),
  door: z.string().nullable(),
  client: z.string().nullable(),
  ip: z.string().nullable(),
  detail: z.string().nullable(),
  actor: z.string().nullable().describe('Who did it, where it was not the caller at a door'),
  note: z.string().nullable().describe('Why, as an operator has said'),
})

export type EventView = z.input<typeof EventView>

export function presentEventView(row: AuditRow): EventView {
  return {
    id: row.id,
    at: isoTime(row.at),
    event: row.event,
    outcome: row.outcome,
    account: row.account_id,
    session: row.session_id,
    door: row.dialect,
    client: row.client_id,
    ip: row.ip,
    detail: row.detail,
    actor: row.actor,
    note: row.note,
  }
}

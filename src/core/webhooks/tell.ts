import type { AuditRow } from '../../store/schema.ts'
import type { Store } from '../../store/store.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { AnyContext } from '../context.ts'
import { toldOf, wantsType } from './event-types.ts'

/** The body of a request to an endpoint (Standard Webhooks, "Payload structure"). */
interface Told {
  type: string
  /** ISO 8601, in UTC, with milliseconds. */
  timestamp: string
  data: Record<string, unknown>
}

/** The body that tells of an event. */
export function payloadOf(told: { type: string; at: number; data: Record<string, unknown> }): string {
  const payload: Told = {
    type: told.type,
    timestamp: new Date(told.at).toISOString(),
    data: told.data,
  }
  return JSON.stringify(payload)
}

/** A row of the trail that was written just now. */
type NewRow = Omit<AuditRow, 'realm'> & { event: AuditEvent; outcome: 'success' | 'refused' }

/**
 * What is to be kept together with a row of the trail, for endpoints to be told of it; `undefined` where no endpoint
 * that this process knows of wants it. `formerId` is what a deleted account was called, which the row does not say: of
 * that nothing is kept once it was told.
 */
export function tellingOf(
  ctx: AnyContext,
  row: NewRow,
  formerId: string | undefined,
): ((store: Store) => Promise<void>) | undefined {
  const { patterns } = ctx.wantedEvents
  if (patterns.size === 0) return undefined
  const told = toldOf(row.event, row.outcome)
  if (!told || !wantsType(patterns, told.type)) return undefined
  const { id, at } = row
  const data = {
    realm: ctx.realm.name,
    eventId: id,
    accountId: formerId ?? row.account_id ?? undefined,
    sessionId: row.session_id ?? undefined,
    dialect: row.dialect ?? undefined,
    clientId: row.client_id ?? undefined,
    ...(row.actor !== null && { by: row.actor.startsWith('service:') ? 'service' : 'operator' }),
    ...(told.detailAs && { [told.detailAs]: row.detail ?? undefined }),
  }
  const event = {
    id,
    at,
    type: told.type,
    account_id: formerId === undefined ? row.account_id : null,
    payload: payloadOf({ type: told.type, at, data }),
    forgets: formerId === undefined ? 0 : 1,
  }
  return (store) => store.webhookEvents.add(event)
}

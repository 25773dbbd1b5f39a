import { once } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { accountNames } from '../../../core/accounts/find.ts'
import { AuthError } from '../../../core/errors.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { findOperatorCaller } from '../../../core/operators/operators.ts'
import { languageOf } from '../../../http/origin.ts'
import type { App } from '../../../http/types.ts'
import type { AuditRow } from '../../../store/schema.ts'
import { askerOf } from '../../desk.ts'
import { list, trailFields, trailSearch } from '../../operations/audit/audit.ts'
import { presentEventView } from '../../operations/audit/views.ts'
import { readFields } from '../../operations/operation.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { operatorCookie } from '../cookies.ts'
import { realmBase } from '../lists.ts'
import { canDo } from '../visit.ts'
import { presentRow } from './present.ts'

/** Something is sent at least so often: a proxy takes a silent stream for a dead one, and a closed tab is noticed. */
const heartbeatMs = 15_000

/** Sends the rows of the trail as they are written, for as long as the operator is signed in. */
export function liveRoute(scope: App, parts: ConsoleParts, path: string): void {
  scope.addHook('preClose', async () => parts.means.auditTail.stop())
  scope.get(path, async (request, reply) => {
    const { desk } = request.visit
    if (!canDo(request, list)) throw new OperatorError('not_allowed')
    const filter = await trailSearch(desk, readFields(trailFields, request.query))
    if (!filter) throw new AuthError('validation_failed')
    const closed = new AbortController()
    const wanted = { filter, lastId: lastIdOf(request), signal: closed.signal }
    const lots = parts.means.auditTail.follow(desk.ctx, wanted)
    begin(reply)
    request.raw.socket.on('close', () => closed.abort())
    // Gone before anybody listened.
    if (request.raw.socket.destroyed) closed.abort()
    const heartbeat = setInterval(() => void beat(request, reply, closed), heartbeatMs)
    try {
      for await (const lot of lots) {
        if (!(await maySee(request))) break
        const isTaken = reply.raw.write(await eventOf(parts, request, lot))
        // For a reader who is behind nothing is made and kept but what comes next.
        if (!isTaken) await once(reply.raw, 'drain', { signal: closed.signal }).catch(() => {})
      }
    } finally {
      clearInterval(heartbeat)
      closed.abort()
      reply.raw.end()
    }
    return reply
  })
}

function begin(reply: FastifyReply): void {
  reply.hijack()
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  reply.raw.write(': live\n\n')
}

/** Where somebody comes back to, or else begins: behind the newest row of their page. */
function lastIdOf({ headers, query }: FastifyRequest): string | undefined {
  const header = headers['last-event-id']
  const { last } = query as { last?: unknown }
  const id = typeof header === 'string' ? header : last
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : undefined
}

/** The stream ends with the session, which it does not keep alive, and once the realm is the operator's no more. */
async function beat(request: FastifyRequest, { raw }: FastifyReply, closed: AbortController): Promise<void> {
  try {
    if (await maySee(request)) raw.write(': still here\n\n')
    else closed.abort()
  } catch {
    // The database is away for a moment; whoever is signed in then is asked again.
    raw.write(': still here\n\n')
  }
}

/** Whether the operator is signed in still, and may see the trail of the realm. */
async function maySee(request: FastifyRequest): Promise<boolean> {
  const { ctx, desk } = request.visit
  const caller = await findOperatorCaller(ctx, operatorCookie.read(request), { isUse: false })
  return caller !== undefined && askerOf(caller.operator, false).may(list.capability, desk.ctx.realm.name)
}

/** One event of some rows, the newest first, as they go on top of the table. */
async function eventOf(parts: ConsoleParts, request: FastifyRequest, lot: AuditRow[]): Promise<string> {
  const { desk } = request.visit
  const base = realmBase(request)
  const accounts = await accountNames(
    desk.ctx,
    lot.flatMap(({ account_id }) => account_id ?? []),
  )
  const rows = lot
    .toReversed()
    .map((row) => presentRow(request, { row: presentEventView(row), base, accounts }))
  const html = await parts.renderPart(languageOf(request), '_audit-rows', { rows, base })
  // Each of these ends a line of a stream.
  const data = html.split(/[\r\n]+/).filter((line) => line !== '')
  return `id: ${lot.at(-1)?.id}\n${data.map((line) => `data: ${line}\n`).join('')}\n`
}

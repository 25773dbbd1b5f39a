import type { FastifyReply, FastifyRequest } from 'fastify'
import { accountNames } from '../../../core/accounts/find.ts'
import { AuthError } from '../../../core/errors.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { languageOf } from '../../../http/origin.ts'
import type { App } from '../../../http/types.ts'
import type { AuditRow } from '../../../store/schema.ts'
import { list, trailFields, trailSearch } from '../../operations/audit/audit.ts'
import { presentEventView } from '../../operations/audit/views.ts'
import type { ConsoleParts } from '../console.ts'
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
    const { data: given, error } = trailFields.safeParse(request.query)
    const filter = error ? undefined : await trailSearch(desk, given)
    if (!filter) throw new AuthError('validation_failed')
    const closed = new AbortController()
    const wanted = { filter, lastId: lastIdOf(request), signal: closed.signal }
    const lots = parts.means.auditTail.follow(desk.ctx, wanted)
    begin(reply)
    request.raw.socket.on('close', () => closed.abort())
    const heartbeat = setInterval(() => void beat(request, reply, closed), heartbeatMs)
    try {
      for await (const lot of lots) reply.raw.write(await eventOf(parts, request, lot))
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

/** The stream ends with the session, which it does not keep alive. */
async function beat(
  { visit }: FastifyRequest,
  { raw }: FastifyReply,
  closed: AbortController,
): Promise<void> {
  const { ctx, caller } = visit
  try {
    const { id, dialect } = caller.session
    if (await ctx.store.sessions.liveById(id, dialect, ctx.now())) raw.write(': still here\n\n')
    else closed.abort()
  } catch {
    // The database is away for a moment; whoever is signed in then is asked again.
    raw.write(': still here\n\n')
  }
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
  const data = html.split('\n').filter((line) => line !== '')
  return `id: ${lot.at(-1)?.id}\n${data.map((line) => `data: ${line}\n`).join('')}\n`
}

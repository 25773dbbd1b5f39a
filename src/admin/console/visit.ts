import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Context } from '../../core/context.ts'
import { OperatorError } from '../../core/operators/operator-error.ts'
import type { OperatorCaller } from '../../core/operators/operators.ts'
import { languageOf } from '../../http/origin.ts'
import type { FormKeys } from '../../pages/forms.ts'
import { type PresentedTime, presentTime } from '../../pages/times.ts'
import { type Desk, deskFor } from '../desk.ts'
import { isAllowed, type Operation, perform } from '../operations/operation.ts'
import { menuFor, realmPath } from './menu.ts'
import { leaveNotice, type Notice, takeNotice } from './notice.ts'
import type { Told } from './problems.ts'
import type { SendPage } from './render.ts'
import { textsFor } from './texts.ts'

/** An operator at a browser. */
interface Visit extends FormKeys {
  /** In the realm of the operators, at its door. */
  ctx: Context
  caller: OperatorCaller
  /** For the realm in the path, or the server where none is named there. */
  desk: Desk
  /** The realm that the page is about, or that the menu leads to. */
  realm: string | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in to the console; on its pages alone. */
    visit: Visit
  }
}

/** Answers with a page of the console, with its menu and whatever the last action left to be said. */
export async function sendConsole(
  sendPage: SendPage,
  { request, reply, trouble }: { request: FastifyRequest; reply: FastifyReply; trouble?: Told | undefined },
  { template, current, data = {} }: { template: string; current: string; data?: Record<string, unknown> },
): Promise<FastifyReply> {
  const { visit } = request
  const { desk, realm } = visit
  const texts = textsFor(request)
  return sendPage(request, reply, trouble?.status ?? 200, template, {
    form: visit.formKey(),
    who: desk.asker.name,
    menu: menuFor(desk.asker, { texts, realm, current }),
    realm,
    realmBase: realm === undefined ? undefined : realmPath(realm),
    otherRealms: otherRealms(visit),
    notice: takeNotice(desk.ctx, request, reply),
    problem: trouble?.text,
    wrongField: trouble?.field,
    ...data,
  })
}

function otherRealms({ desk: { asker, means }, realm }: Visit) {
  const theirs = [...means.realms.keys()].filter((name) => asker.may('accounts.read', name))
  return theirs.length < 2
    ? []
    : theirs.map((name) => ({ name, href: realmPath(name), isCurrent: name === realm }))
}

/** Leads a browser to the page that follows an action, which says what was done. */
export function goOn(
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  notice?: Notice,
): FastifyReply {
  if (notice) leaveNotice(request.visit.ctx, reply, notice)
  return reply.redirect(path, 303)
}

/** Does an operation with the fields of a request: those in its path, its query and its body, in this order. */
export function performFor<In extends z.ZodType, Out extends z.ZodType>(
  request: FastifyRequest,
  operation: Operation<In, Out>,
): Promise<z.input<Out>> {
  return perform(operation, request.visit.desk, fieldsOf(request))
}

/** Everything that a request names, but for the key of its form. */
export function fieldsOf({ params, query, body }: FastifyRequest): Record<string, unknown> {
  const { form: _form, ...fields } = {
    ...(query as object),
    ...(body as object | undefined),
    ...(params as object),
  } as Record<string, unknown>
  return fields
}

/** Whether the operator may do something here: a page shows no button that would be refused. */
export function canDo(request: FastifyRequest, operation: Pick<Operation, 'capability' | 'at'>): boolean {
  return isAllowed(request.visit.desk, operation)
}

/** Throws `not_allowed` for an operator who may not do something here: the page of its form is not for them either. */
export function requireMay(request: FastifyRequest, operation: Pick<Operation, 'capability' | 'at'>): void {
  if (!canDo(request, operation)) throw new OperatorError('not_allowed')
}

/** A time of epoch milliseconds or of ISO 8601, as the part `_time` shows it; `undefined` for none. */
export function timeFor(
  request: FastifyRequest,
  at: number | string | null | undefined,
): PresentedTime | undefined {
  if (at === null || at === undefined) return undefined
  const epochMs = typeof at === 'number' ? at : Date.parse(at)
  return presentTime(epochMs, { language: languageOf(request), now: request.visit.ctx.now() })
}

/** The desk for what is about the server, on a page about a realm. */
export function deskOfServer({ visit }: FastifyRequest): Desk {
  const { means, asker } = visit.desk
  return deskFor(means, asker, visit.ctx.origin)
}

/** The desk for another realm than that of the path, such as for a list of all of them. */
export function deskAt({ visit }: FastifyRequest, realm: string): Desk {
  const { means, asker } = visit.desk
  return deskFor(means, asker, visit.ctx.origin, realm)
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PageParts } from '../page-parts.ts'
import { type FormView, sendForm } from '../problems.ts'
import type { PageName } from '../samples.ts'
import { textsFor } from '../texts.ts'
import { leaveNotice, type Notice, takeNotice } from './notice.ts'
import { nameOf } from './person.ts'
import { dateFor } from './reader.ts'

/** The tabs of the account page. */
export type Tab = 'profile' | 'security' | 'devices' | 'apps' | 'activity' | 'data'

/** Pages of the account that a request's person is shown: each knows whose it is, and says once what was done before. */
export function accountSender({ sendPage, openid }: Pick<PageParts, 'sendPage' | 'openid'>) {
  return (view: FormView, tab: Tab, template: PageName, data: object = {}): Promise<FastifyReply> => {
    const { request, reply } = view
    const { ctx, caller, formKey } = request.person
    const { deletion_due_at: deletionDueAt } = caller.account
    const shown = {
      form: formKey(),
      tab,
      hasApps: openid !== undefined,
      who: nameOf(caller.account),
      notice: takeNotice(ctx, request, reply, textsFor(request)),
      deletionDue: deletionDueAt === null ? undefined : dateFor(request, deletionDueAt),
      ...data,
    }
    return sendForm(sendPage, view, template, shown)
  }
}

export type SendAccount = ReturnType<typeof accountSender>

/** Leads a browser to the page that follows an action, which says what was done. */
export function goOn(
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  notice?: Notice,
): FastifyReply {
  if (notice) leaveNotice(request.person.ctx, reply, notice)
  return reply.redirect(path, 303)
}

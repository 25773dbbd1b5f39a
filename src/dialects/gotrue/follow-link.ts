import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuseLink } from '../../core/accounts/verification.ts'
import { clientsOfDoor } from '../../core/clients/clients.ts'
import type { Context } from '../../core/context.ts'
import { AuthError } from '../../core/errors.ts'
import { mintExchangeCode } from '../../core/mailed-sign-in/exchange.ts'
import { confirmFirstHalf, type ShownMail, useMail } from '../../core/mailed-sign-in/shown-mail.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import type { DoorPages } from '../../http/dialect.ts'
import { isFromAnotherSite } from '../../http/other-sites.ts'
import type { App } from '../../http/types.ts'
import { invalid, type Row, refusals, rowFor, sendRefused } from './errors.ts'
import * as fields from './fields.ts'
import { isExchangeLink, readToken } from './mailed-links.ts'
import { base } from './paths.ts'
import { changeType, findLink, firstHalfConfirmed } from './read-mail.ts'
import { allowsRedirect, redirectOf } from './redirect.ts'
import { withCode, withMessage, withRefusal, withTokens } from './redirect-answers.ts'

/** What the link of a mail holds. */
interface Link {
  token: string
  type: string
  redirect_to?: string | undefined
}

/** A link, and whose it is. */
interface OpenedLink {
  /** At the client that had the mail sent. */
  ctx: Context
  /** None where the link is not good. */
  mail: ShownMail | undefined
  redirectUri: string
}

const confirmPath = `${base}/verify/confirm`

/**
 * What the links of mails open in a browser. One that was asked for with a challenge leads on with a code at once, and stays
 * good until the app redeems that; any other shows a page whose button posts: mail scanners open every link.
 */
export function linkRoutes(app: App, { sendFailure, sendMailedSignIn }: DoorPages): void {
  const errorHandler = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) =>
    thrown instanceof AuthError ? sendFailure(thrown, request, reply) : sendRefused(thrown, request, reply)

  const opening = { schema: { querystring: fields.MailedLink }, errorHandler }
  app.get(`${base}/verify`, opening, (request, reply) => {
    const link = readLink(request.query)
    return follow(request.ctx, link, reply, async ({ ctx, mail, redirectUri }) => {
      if (!mail) return refuseLink(ctx)
      if (isForExchange(mail))
        return withCode(redirectUri, await mintExchangeCode(ctx, mail, readToken(link.token)))
      const { token, type } = link
      const form = { action: confirmPath, fields: { token, type, redirect_to: redirectUri }, redirectUri }
      const does = type === changeType ? 'change-address' : 'sign-in'
      return sendMailedSignIn(request, reply, { ...form, does, brand: ctx.client.brand })
    })
  })

  app.post(confirmPath, { schema: { body: fields.MailedLink }, errorHandler }, (request, reply) => {
    if (isFromAnotherSite(request)) throw new AuthError('access_denied')
    const link = readLink(request.body)
    return follow(request.ctx, link, reply, async ({ ctx, mail, redirectUri }) => {
      const signedIn = mail ? await confirm(ctx, mail) : await refuseLink(ctx)
      if (signedIn) return withTokens(redirectUri, signedIn.tokens, link.type)
      return withMessage(redirectUri, firstHalfConfirmed, { isExchange: isExchangeLink(link.token) })
    })
  })
}

/** Whether the session of a link is for the app that knows the verifier. */
function isForExchange({ challenge, isFirstHalf }: ShownMail): boolean {
  return challenge !== undefined && !isFirstHalf
}

async function confirm(ctx: Context, mail: ShownMail): Promise<SignedIn | undefined> {
  if (mail.challenge === undefined) return useMail(ctx, mail)
  return (await confirmFirstHalf(ctx, mail)) ? undefined : refuseLink(ctx)
}

/** Leads the browser where `work` says, or back to the app with what refuses it. */
async function follow(
  ctx: Context,
  link: Link,
  reply: FastifyReply,
  work: (opened: OpenedLink) => Promise<string | FastifyReply>,
): Promise<FastifyReply> {
  const opened = await openLink(ctx, link)
  try {
    const answer = await work(opened)
    return typeof answer === 'string' ? reply.redirect(answer, 303) : answer
  } catch (error) {
    const row = refusalOf(error)
    if (!row) throw error
    const isExchange = isExchangeLink(link.token)
    return reply.redirect(withRefusal(opened.redirectUri, row, { isExchange }), 303)
  }
}

/** What the app is told of; none where the person is, on a page of ours. */
function refusalOf(error: unknown): Row | undefined {
  if (!(error instanceof AuthError)) return undefined
  const row = error.code === 'ticket_invalid' ? refusals.linkExpired : rowFor(error)
  return row.status === 429 || row.status >= 500 ? undefined : row
}

async function openLink(ctx: Context, { token, type, redirect_to: wanted }: Link): Promise<OpenedLink> {
  const found = await findLink(ctx, type, token)
  const mail = found && !found.isUsed ? found : undefined
  const client = found ? found.client : clientsOfDoor(ctx).find((each) => allowsRedirect(each, wanted))
  const atClient = { ...ctx, client: client ?? ctx.client }
  return { ctx: atClient, mail, redirectUri: redirectOf(atClient, wanted) }
}

function readLink({ token, type, redirect_to }: Partial<Link>): Link {
  if (type === undefined) throw invalid('Verify requires a verification type')
  if (token === undefined) throw invalid('Verify requires a token or a token hash')
  return { token, type, redirect_to }
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { refuseLink } from '../../core/accounts/verification.ts'
import type { Context } from '../../core/context.ts'
import { useMail } from '../../core/mailed-sign-in/shown-mail.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import type { App } from '../../http/types.ts'
import { instead, invalid, refusals, sendRefused } from './errors.ts'
import * as fields from './fields.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { presentSession } from './present.ts'
import { findCode, findLink, firstHalfConfirmed, isType } from './read-mail.ts'
import { useText } from './texts.ts'
import { userOf } from './user-of.ts'

type Input = z.output<typeof fields.Verify>

/** Signs in by what a mail or a text message holds, as the client sends it: the secret of the link, or the code and for whom it is. */
export function verifyRoutes(app: App, settings: Settings): void {
  app.post(`${base}/verify`, { schema: { body: fields.Verify }, errorHandler }, async ({ ctx, body }) => {
    const signedIn = await verify(ctx, body)
    if (!signedIn) return { msg: firstHalfConfirmed, code: '200' }
    const { tokens, account, factors } = signedIn
    return presentSession(tokens, await userOf(ctx, account, settings, factors))
  })
}

/** What is said of a link that is not good differs from what is said of a code. */
function errorHandler(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { success, data } = fields.Verify.safeParse(request.body)
  return (success && data.token_hash !== undefined ? refuseAsLink : sendRefused)(thrown, request, reply)
}

const refuseAsLink = instead({ ticket_invalid: refusals.linkExpired })

/** `undefined` where the other mailbox has still to confirm another address. */
async function verify(
  ctx: Context,
  { type, token, token_hash, email, phone }: Input,
): Promise<SignedIn | undefined> {
  if (type === undefined) throw invalid('Verify requires a verification type')
  if ((token === undefined) === (token_hash === undefined))
    throw invalid('Verify requires either a token or a token hash')
  if (token_hash !== undefined) return byLink(ctx, type, token_hash)
  if ((email === undefined) === (phone === undefined))
    throw invalid('Only an email address or phone number should be provided on verify')
  if (phone !== undefined) return useText(ctx, { type, phone, code: token ?? '' })
  return byCode(ctx, type, { email: email ?? '', code: token ?? '' })
}

async function byLink(ctx: Context, type: string, text: string): Promise<SignedIn | undefined> {
  const mail = await findLink(ctx, supported(type), text)
  return mail ? useMail(ctx, mail) : refuseLink(ctx)
}

async function byCode(
  ctx: Context,
  type: string,
  typed: { email: string; code: string },
): Promise<SignedIn | undefined> {
  return useMail(ctx, await findCode(ctx, supported(type), typed))
}

function supported(type: string): string {
  if (!isType(type)) throw invalid('Unsupported verification type')
  return type
}

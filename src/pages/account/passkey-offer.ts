import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../core/context.ts'
import { hasPasskey } from '../../core/passkeys/list.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import { readCookie, secretCookie } from '../../http/cookies.ts'
import type { App } from '../../http/types.ts'
import { optionalText } from '../form-fields.ts'
import { readNext } from './person.ts'
import type { SendAccount } from './send.ts'

const offerPath = '/ui/account/passkeys/offer'
const thirtyDays = 30 * 24 * 60 * 60

/** Kept by a browser that has been asked, so that it is asked once in thirty days. */
const asked = secretCookie('__Host-manydoors-passkey-offer', thirtyDays)
/** Set by the script of the sign-in page where the device makes passkeys by itself: nothing but a script can tell. */
const canMakeCookie = '__Host-manydoors-can-passkey'

const OfferQuery = z.object({ next: optionalText })

/**
 * Where a browser goes on after it was signed in to the account page: to the offer of a passkey where the person has come
 * with a password, has no passkey, and has a device that makes one; else to `next`.
 */
export async function nextAfterSignIn(
  ctx: Context,
  request: FastifyRequest,
  { session, account }: Pick<SignedIn, 'session' | 'account'>,
  next: string,
): Promise<string> {
  const methods: string[] = JSON.parse(session.methods ?? '[]')
  const isOffered =
    ctx.realm.passkeys !== undefined &&
    methods.includes('pwd') &&
    readCookie(request, canMakeCookie) !== undefined &&
    asked.read(request) === undefined &&
    !(await hasPasskey(ctx, account.id))
  return isOffered ? `${offerPath}?next=${encodeURIComponent(next)}` : next
}

/** The page with that offer. */
export function passkeyOfferRoutes(scope: App, send: SendAccount): void {
  scope.get(
    offerPath,
    { schema: { querystring: OfferQuery } },
    async (request: FastifyRequest<{ Querystring: { next?: string } }>, reply: FastifyReply) => {
      asked.keep(reply, '1')
      return send({ request, reply }, 'security', 'account-passkey-offer', {
        next: readNext(request.query.next),
      })
    },
  )
}

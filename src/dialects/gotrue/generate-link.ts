import type { z } from 'zod'
import type { Context } from '../../core/context.ts'
import { makeEmailChangeLink } from '../../core/mailed-email-change/by-hand.ts'
import type { Half } from '../../core/mailed-email-change/halves.ts'
import { type MadeLink, makeSignInLink } from '../../core/mailed-sign-in/by-hand.ts'
import { invite } from '../../core/mailed-sign-in/invite.ts'
import type { App } from '../../http/types.ts'
import * as fields from './admin-fields.ts'
import { instead, invalid, Refused, refusals } from './errors.ts'
import { Redirect } from './fields.ts'
import { linkOf, mailFor } from './mailed-links.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { changeType } from './read-mail.ts'
import { redirectOf } from './redirect.ts'
import { managedUserOf } from './user-of.ts'

type Wanted = z.output<typeof fields.Link>

/** Links that a back end has mailed to people, or mails itself. */
export function generateLinkRoutes(app: App, settings: Settings): void {
  const querystring = Redirect
  app.post(
    `${base}/invite`,
    { schema: { body: fields.Invitation, querystring }, errorHandler },
    async ({ ctx, body, query }) => {
      const { email, data: profile } = body
      if (email === undefined) throw invalid(noEmail)
      const { link } = mailFor(ctx, 'invite', query)
      return managedUserOf(ctx, await invite(ctx, { email, profile, link }), settings)
    },
  )
  app.post(
    `${base}/admin/generate_link`,
    { schema: { body: fields.Link, querystring }, errorHandler },
    async ({ ctx, body, query }) => {
      const { type } = body
      const { account, secret } = await issue(ctx, body)
      const verifiedType = type in changeHalves ? changeType : type
      const redirectTo = body.redirect_to ?? query.redirect_to
      return {
        ...(await managedUserOf(ctx, account, settings)),
        action_link: linkOf(ctx, { token: secret.token, type: verifiedType, redirectTo }),
        email_otp: secret.code,
        hashed_token: secret.token,
        verification_type: type,
        redirect_to: redirectOf(ctx, redirectTo),
      }
    },
  )
}

const noEmail = 'An email address is required'

const errorHandler = instead({ email_taken: refusals.emailExists })

const purposes = {
  signup: 'sign_up',
  magiclink: 'sign_in',
  recovery: 'recovery',
  invite: 'invitation',
} as const

/** Either half of a change of the address is handed out by itself. */
const changeHalves = { email_change_current: 'current', email_change_new: 'new' } as const

async function issue(ctx: Context, wanted: Wanted): Promise<MadeLink> {
  const { type, email, password, data: profile } = wanted
  if (type === 'email_change_current' || type === 'email_change_new')
    return issueHalf(ctx, changeHalves[type], wanted)
  const purpose = purposes[type]
  if (email === undefined) throw invalid(noEmail)
  if (purpose === 'sign_up' && password === undefined) throw invalid('Signup requires a valid password')
  const issued = await makeSignInLink(ctx, purpose, { email, profile, password })
  if (!issued) throw new Refused(refusals.emailNotFound)
  return issued
}

async function issueHalf(ctx: Context, half: Half, { email, new_email }: Wanted): Promise<MadeLink> {
  if (email === undefined || new_email === undefined) throw invalid(noEmail)
  const issued = await makeEmailChangeLink(ctx, half, { current: email, email: new_email })
  if (!issued) throw new Refused(refusals.emailNotFound)
  return issued
}

import { signUpOpenly, signUpOrRemind, signUpSilently } from '../../core/accounts/sign-up.ts'
import type { Context } from '../../core/context.ts'
import { isRefusal } from '../../core/errors.ts'
import type { MailWish } from '../../core/recovery/mailed-codes.ts'
import { signInNewAccount } from '../../core/sessions/open-session.ts'
import type { App } from '../../http/types.ts'
import { invalid, Refused, refusals } from './errors.ts'
import * as fields from './fields.ts'
import { mailFor } from './mailed-links.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { inventUser, presentSession, presentUser } from './present.ts'

interface NewUser {
  email: string
  password: string
  profile?: Record<string, unknown>
  verificationLink: string
  mail: MailWish
}

export function signUpRoutes(app: App, settings: Settings): void {
  const schema = { body: fields.SignUp, querystring: fields.Redirect }
  app.post(`${base}/signup`, { schema }, ({ ctx, body, query }) => {
    const { email, phone, password, data: profile } = body
    if (settings.registration === 'off') throw new Refused(refusals.signUpsClosed)
    if (phone !== undefined) throw new Refused(refusals.phoneSignUp)
    if (email === undefined) throw new Refused(refusals.anonymousSignIn)
    if (password === undefined) throw invalid('Signup requires a valid password')
    const { link: verificationLink, ...mail } = mailFor(ctx, 'signup', { ...body, ...query })
    return signUp(ctx, settings, { email, password, profile, verificationLink, mail })
  })
}

async function signUp(ctx: Context, settings: Settings, input: NewUser): Promise<object> {
  if (settings.autoconfirm) {
    const { account, tokens } = await signInNewAccount(ctx, await signUpOpenly(ctx, input))
    return presentSession(tokens, presentUser(account, settings))
  }
  const confirmation_sent_at = new Date(ctx.now()).toISOString()
  if (settings.enumeration === 'documented')
    return { ...(await signUpTelling(ctx, settings, input)), confirmation_sent_at }
  const account = await signUpSilently(ctx, input)
  const user = account ? presentUser(account, settings) : inventUser(ctx, input, { isTaken: false })
  return { ...user, confirmation_sent_at }
}

/** Opens an account where the answer may tell that somebody has the address, as the client's own server does. */
async function signUpTelling(ctx: Context, settings: Settings, input: NewUser): Promise<object> {
  try {
    return presentUser(await signUpOrRemind(ctx, input), settings)
  } catch (error) {
    if (!isRefusal(error, 'email_taken')) throw error
    return inventUser(ctx, input, { isTaken: true })
  }
}

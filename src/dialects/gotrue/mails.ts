import { requestActivation } from '../../core/accounts/verification.ts'
import { requestChangeMailsAgain } from '../../core/mailed-email-change/request.ts'
import { requestSignInMail } from '../../core/mailed-sign-in/request.ts'
import { requestPasswordReset } from '../../core/recovery/by-mail.ts'
import type { App } from '../../http/types.ts'
import { invalid } from './errors.ts'
import * as fields from './fields.ts'
import { mailFor } from './mailed-links.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { isTextType, resendText, sendSignInText } from './texts.ts'

/** The mails and text messages that people ask for; the answer is the same for everybody. */
export function mailRoutes(app: App, { registration }: Settings): void {
  const querystring = fields.Redirect

  app.post(
    `${base}/recover`,
    { schema: { body: fields.Recover, querystring } },
    async ({ ctx, body, query }) => {
      const { email } = body
      if (email === undefined) throw invalid('Password recovery requires an email')
      const mail = mailFor(ctx, 'recovery', { ...body, ...query })
      await requestPasswordReset(ctx, { email, ...mail, brand: ctx.client.brand })
      return {}
    },
  )

  app.post(
    `${base}/otp`,
    { schema: { body: fields.SignInMail, querystring } },
    async ({ ctx, body, query }) => {
      const { email, phone, channel = 'sms', data: profile, create_user: createsUser = true } = body
      if (email !== undefined && phone !== undefined)
        throw invalid('Only an email address or phone number should be provided')
      const opensAccount = createsUser && registration !== 'off'
      if (phone !== undefined) return sendSignInText(ctx, { phone, channel, opensAccount, profile })
      if (email === undefined) throw invalid('One of email or phone must be set')
      const mail = mailFor(ctx, 'magiclink', { ...body, ...query })
      await requestSignInMail(ctx, { email, ...mail, brand: ctx.client.brand, opensAccount, profile })
      return {}
    },
  )

  app.post(
    `${base}/resend`,
    { schema: { body: fields.Resend, querystring } },
    async ({ ctx, body, query }) => {
      const { type, email, phone } = body
      if (type === undefined || !resendable.includes(type))
        throw invalid('Missing one of these types: signup, email_change, sms, phone_change')
      if (isTextType(type)) {
        if (phone === undefined) throw invalid('Type provided requires a phone number')
        return resendText(ctx, type, phone)
      }
      if (email === undefined) throw invalid('Type provided requires an email address')
      const mail = mailFor(ctx, type, { ...body, ...query })
      const request = type === 'signup' ? requestActivation : requestChangeMailsAgain
      await request(ctx, { email, ...mail, brand: ctx.client.brand })
      return {}
    },
  )
}

const resendable = ['signup', 'email_change', 'sms', 'phone_change']

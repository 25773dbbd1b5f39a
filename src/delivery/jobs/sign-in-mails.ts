import { languageFor } from '../../core/accounts/language-for.ts'
import { issueInvitation } from '../../core/mailed-sign-in/invite.ts'
import { issueSignIn } from '../../core/mailed-sign-in/request.ts'
import { mailAddress } from '../../core/text/mail-text.ts'
import { type DeliverySettings, type JobHandlers, mailer } from './mailer.ts'

/** Sends the mails whose link and code sign somebody in, beside those of a sign-up and of a forgotten password. */
export function signInMailHandlers(
  settings: DeliverySettings,
): Pick<JobHandlers, 'sign-in-mail' | 'invitation-mail'> {
  const { sendMail, render } = settings
  const mail = mailer(settings)
  return {
    'sign-in-mail': async (ctx, payload, id) => {
      const { brand, email } = payload
      const language = languageFor(await ctx.store.accounts.byEmail(email), payload.language)
      const secret = await issueSignIn(ctx, payload)
      const link = payload.link.replace('{token}', secret?.token ?? '')
      const data = { brand, email: mailAddress(email), link, code: secret?.code }
      // Written even if there is nobody to send it to, so that the job takes as long.
      const written = await render.mail('sign-in-link', language, data)
      if (secret) await sendMail({ id, to: email, ...written })
    },
    'invitation-mail': async (ctx, payload, id) => {
      const { brand, email, accountId } = payload
      const secret = await issueInvitation(ctx, payload)
      if (!secret) return
      const language = languageFor(await ctx.store.accounts.byId(accountId), payload.language)
      const link = payload.link.replace('{token}', secret.token)
      await mail('invitation', { id, language }, { brand, email, link, code: secret.code })
    },
  }
}

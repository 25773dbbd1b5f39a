import type { RealmContext } from '../core/context.ts'
import type { Brand, JobKind, JobPayloads } from '../core/jobs.ts'
import { issueReset } from '../core/recovery.ts'
import { issueResetCode } from '../core/recovery-by-sms.ts'
import { issueVerification } from '../core/verification.ts'
import type { Transports } from './message.ts'
import type { MessageRenderer } from './render.ts'

/** Does what a job asks for. Throws when it should be tried again. */
export type JobHandlers = {
  [K in JobKind]: (ctx: RealmContext, payload: JobPayloads[K], jobId: string) => Promise<void>
}

export interface DeliverySettings extends Pick<Transports, 'sendMail' | 'sendSms'> {
  render: MessageRenderer
  /** Beginnings of the numbers that messages may be sent to; `+` alone allows all. */
  smsPrefixes: string[]
}

/** Sends the messages. A secret is made when its message is, so a second attempt carries a fresh one. */
export function jobHandlers({ sendMail, sendSms, render, smsPrefixes }: DeliverySettings): JobHandlers {
  const mail = async (
    name: string,
    id: string,
    to: string,
    data: Record<string, unknown> & { brand: Brand },
  ) => {
    await sendMail({ id, to, ...(await render.mail(name, data)) })
  }

  const toOwner =
    (name: string) => async (ctx: RealmContext, payload: { accountId: string; brand: Brand }, id: string) => {
      const account = await ctx.store.accounts.byId(payload.accountId)
      if (account?.email) await mail(name, id, account.email, { brand: payload.brand, email: account.email })
    }

  const verification = async (ctx: RealmContext, payload: JobPayloads['verify-email-mail'], id: string) => {
    const { brand, email } = payload
    const token = await issueVerification(ctx, payload)
    await mail('verify-email', id, email, { brand, email, link: payload.link.replace('{token}', token) })
  }

  return {
    'reset-password-mail': async (ctx, payload, id) => {
      const token = await issueReset(ctx, payload)
      if (token === undefined) return
      const { brand, email } = payload
      const link = payload.link.replace('{token}', token)
      await mail('reset-password', id, email, { brand, email, link, minutes: payload.lifetime / 60 })
    },
    'verify-email-mail': async (ctx, payload, id) => {
      const { brand, email } = payload
      const account = await ctx.store.accounts.byEmail(email)
      if (account && account.email_verified_at !== null)
        await mail('account-exists', id, email, { brand, email })
      else await verification(ctx, payload, id)
    },
    'activate-account-mail': async (ctx, payload, id) => {
      const account = await ctx.store.accounts.byEmail(payload.email)
      if (account && account.email_verified_at === null) await verification(ctx, payload, id)
    },
    'account-exists-mail': (_ctx, { email, brand }, id) =>
      mail('account-exists', id, email, { brand, email }),
    'password-changed-mail': toOwner('password-changed'),
    'session-reuse-mail': toOwner('session-reuse'),
    'reset-code-sms': async (ctx, payload, id) => {
      const { phone, brand } = payload
      if (!smsPrefixes.some((prefix) => phone.startsWith(prefix))) {
        ctx.log.warn({ job: id }, 'no message is sent to this country: SMS_ALLOWED_PREFIXES does not name it')
        return
      }
      const code = await issueResetCode(ctx, payload)
      if (code !== undefined)
        await sendSms({ id, to: phone, text: await render.sms('reset-code', { brand, code }) })
    },
  }
}

import type { RealmContext } from '../core/context.ts'
import type { Brand, JobKind, JobPayloads } from '../core/jobs.ts'
import { issueReset } from '../core/recovery.ts'
import { issueVerification } from '../core/verification.ts'
import type { Transport } from './message.ts'
import { renderMail } from './render.ts'

/** Does what a job asks for. Throws when it should be tried again. */
export type JobHandlers = {
  [K in JobKind]: (ctx: RealmContext, payload: JobPayloads[K], jobId: string) => Promise<void>
}

/** Sends the mails. A secret is made when its mail is, so a second attempt carries a fresh one. */
export function mailHandlers(send: Transport): JobHandlers {
  const mail = async (
    name: string,
    id: string,
    to: string,
    data: Record<string, unknown> & { brand: Brand },
  ) => {
    await send({ id, to, ...(await renderMail(name, data)) })
  }

  const toOwner =
    (name: string) => async (ctx: RealmContext, payload: { accountId: string; brand: Brand }, id: string) => {
      const account = await ctx.store.accounts.byId(payload.accountId)
      if (account?.email) await mail(name, id, account.email, { brand: payload.brand, email: account.email })
    }

  return {
    'reset-password-mail': async (ctx, payload, id) => {
      const token = await issueReset(ctx, payload)
      if (token === undefined) return
      const { brand, email } = payload
      await mail('reset-password', id, email, { brand, email, link: payload.link.replace('{token}', token) })
    },
    'verify-email-mail': async (ctx, payload, id) => {
      const { brand, email } = payload
      const account = await ctx.store.accounts.byEmail(email)
      if (account && account.email_verified_at !== null)
        return mail('account-exists', id, email, { brand, email })
      const token = await issueVerification(ctx, payload)
      await mail('verify-email', id, email, { brand, email, link: payload.link.replace('{token}', token) })
    },
    'password-changed-mail': toOwner('password-changed'),
    'session-reuse-mail': toOwner('session-reuse'),
  }
}

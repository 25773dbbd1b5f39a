import { languageFor } from '../../core/accounts/language-for.ts'
import { issueAgain, issueHalf } from '../../core/mailed-email-change/issue.ts'
import { issueEmailChange } from '../../core/self-service/email-change.ts'
import { issueUndo } from '../../core/self-service/undo-change.ts'
import { maskEmail } from '../../core/text/masked-names.ts'
import { timeText } from '../../core/text/time-text.ts'
import { deviceText, type JobHandlers, linksIn, type Mailer } from './mailer.ts'

/** Sends the links that change an address, and tells the one that an account has had. */
export function nameChangeHandlers(
  mail: Mailer,
): Pick<
  JobHandlers,
  'email-change-mail' | 'email-change-half-mail' | 'email-change-again' | 'name-notice-mail'
> {
  return {
    'email-change-again': issueAgain,
    'email-change-half-mail': halfMailHandler(mail),
    'email-change-mail': async (ctx, payload, id) => {
      const { brand, email, accountId } = payload
      const issued = await issueEmailChange(ctx, payload)
      if (issued === undefined) return
      const language = languageFor(await ctx.store.accounts.byId(accountId), payload.language)
      if (issued === 'taken')
        return mail('account-exists', { id, language }, { brand, email, ...linksIn(ctx) })
      const link = payload.link.replace('{token}', issued.token)
      await mail('email-change', { id, language }, { brand, email, link })
    },
    'name-notice-mail': async (ctx, payload, id) => {
      const { notice, accountId, email, brand, at, ip, device, values, changeId } = payload
      const account = await ctx.store.accounts.byId(accountId)
      const language = languageFor(account, payload.language)
      const token = changeId === undefined ? undefined : await issueUndo(ctx, changeId)
      const time = timeText(at, language, account?.time_zone)
      const told = { ...values, ...linksIn(ctx), time, ip, device: deviceText(device) }
      const link = token === undefined ? undefined : `${ctx.publicUrl}/ui/undo-change?token=${token}`
      await mail(notice, { id, language }, { brand, email, ...told, link })
    },
  }
}

function halfMailHandler(mail: Mailer): JobHandlers['email-change-half-mail'] {
  return async (ctx, payload, id) => {
    const { brand, email, accountId, half, newEmail } = payload
    const issued = await issueHalf(ctx, payload)
    if (issued === undefined) return
    const language = languageFor(await ctx.store.accounts.byId(accountId), payload.language)
    const links = linksIn(ctx)
    if (issued === 'taken') return mail('account-exists', { id, language }, { brand, email, ...links })
    const link = payload.link.replace('{token}', issued.token)
    const { code } = issued
    if (half === 'new') return mail('email-change', { id, language }, { brand, email, link, code })
    const newName = maskEmail(newEmail)
    await mail('email-change-current', { id, language }, { brand, email, link, code, newName, ...links })
  }
}

import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Account } from '../../core/accounts/account.ts'
import { foldEmail } from '../../core/accounts/emails.ts'
import type { Context } from '../../core/context.ts'
import { changeOwnAccount } from '../../core/self-service/change-account.ts'
import type { App } from '../../http/types.ts'
import { instead, Refused, refusals } from './errors.ts'
import * as fields from './fields.ts'
import { mailFor } from './mailed-links.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { phoneText, withProvenNames } from './present.ts'
import { readNumber, requirePhones } from './texts.ts'
import { userOf } from './user-of.ts'

type Change = z.output<typeof fields.UserChange>
type Redirect = z.output<typeof fields.Redirect>
type Caller = Pick<FastifyRequest, 'ctx' | 'caller'>

/** What callers change of their own account. What is as it was, an app sends along with the rest of a form. */
export function changeUserRoutes(app: App, settings: Settings): void {
  const schema = { body: fields.UserChange, querystring: fields.Redirect }
  app.put(`${base}/user`, { schema, errorHandler }, async (request) => {
    if (request.body.app_metadata !== undefined) throw new Refused(refusals.appMetadata)
    const shown = withProvenNames(request.caller.account, settings)
    const account = await change(request, { ...request.body, ...request.query }, shown)
    return userOf(request.ctx, account, settings)
  })
}

const errorHandler = instead({
  credentials_invalid: refusals.currentPassword,
  ticket_invalid: refusals.nonce,
})

/** The number that the account is to have, where it has another. Throws `Refused` where there are no phones. */
function otherNumber(ctx: Context, { phone = '' }: Change, shown: Account): string | undefined {
  if (phone === '' || phone.replace('+', '') === phoneText(shown)) return undefined
  requirePhones(ctx, refusals.phoneChange)
  const number = readNumber(phone)
  return number === shown.phone ? undefined : number
}

/** Changes the account, which its person knows as it is `shown`. */
function change({ ctx, caller }: Caller, wanted: Change & Redirect, shown: Account): Promise<Account> {
  const { password, current_password: currentPassword, nonce: code, data: profile, email } = wanted
  const isOther = email !== undefined && foldEmail(email) !== shown.email
  const phone = otherNumber(ctx, wanted, shown)
  return changeOwnAccount(ctx, caller, {
    password: password === undefined ? undefined : { password, currentPassword, code },
    profile,
    email: isOther ? { email, brand: ctx.client.brand, ...mailFor(ctx, 'email_change', wanted) } : undefined,
    phone: phone === undefined ? undefined : { phone, code },
  })
}

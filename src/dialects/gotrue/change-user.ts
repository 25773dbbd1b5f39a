import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { foldEmail } from '../../core/accounts/emails.ts'
import { changeProfile } from '../../core/accounts/profile.ts'
import { requestMailedChange } from '../../core/mailed-email-change/request.ts'
import { replacePassword } from '../../core/self-service/replace-password.ts'
import type { App } from '../../http/types.ts'
import type { AccountRow } from '../../store/schema.ts'
import { instead, Refused, refusals } from './errors.ts'
import * as fields from './fields.ts'
import { mailFor } from './mailed-links.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { phoneText } from './present.ts'
import { userOf } from './user-of.ts'

type Change = z.output<typeof fields.UserChange>
type Redirect = z.output<typeof fields.Redirect>
type Caller = Pick<FastifyRequest, 'ctx' | 'caller'>

/** What callers change of their own account. What is as it was, an app sends along with the rest of a form. */
export function changeUserRoutes(app: App, settings: Settings): void {
  const schema = { body: fields.UserChange, querystring: fields.Redirect }
  app.put(`${base}/user`, { schema, errorHandler }, async (request) => {
    refuseOthers(request, request.body)
    const account = await change(request, { ...request.body, ...request.query })
    return userOf(request.ctx, account, settings)
  })
}

const errorHandler = instead({
  credentials_invalid: refusals.currentPassword,
  ticket_invalid: refusals.nonce,
})

function refuseOthers({ caller: { account } }: Caller, { phone, app_metadata }: Change): void {
  if (app_metadata !== undefined) throw new Refused(refusals.appMetadata)
  const isOther = phone !== undefined && phone.replace('+', '') !== phoneText(account)
  if (isOther) throw new Refused(refusals.phoneChange)
}

/** The password first, of which most can be wrong. */
async function change({ ctx, caller }: Caller, wanted: Change & Redirect): Promise<AccountRow> {
  const { password, current_password: currentPassword, nonce: code, data, email } = wanted
  let { account } = caller
  if (password !== undefined)
    account = await replacePassword(ctx, caller, { password, currentPassword, code })
  if (data !== undefined) account = await changeProfile(ctx, caller, data)
  if (email !== undefined && foldEmail(email) !== account.email)
    await requestMailedChange(ctx, caller, {
      email,
      brand: ctx.client.brand,
      ...mailFor(ctx, 'email_change', wanted),
    })
  return account
}

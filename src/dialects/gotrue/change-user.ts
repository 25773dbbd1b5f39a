import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { changeProfile } from '../../core/accounts/profile.ts'
import { replacePassword } from '../../core/self-service/replace-password.ts'
import type { App } from '../../http/types.ts'
import { instead, Refused, refusals, row } from './errors.ts'
import * as fields from './fields.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { phoneText, presentUser } from './present.ts'

type Change = z.output<typeof fields.UserChange>

/** What callers change of their own account. What is as it was, an app sends along with the rest of a form. */
export function changeUserRoutes(app: App, settings: Settings): void {
  const schema = { body: fields.UserChange, querystring: fields.Redirect }
  app.put(`${base}/user`, { schema, errorHandler }, async (request) => {
    refuseOthers(request, request.body)
    return presentUser(await change(request, request.body), settings)
  })
}

const errorHandler = instead({
  credentials_invalid: row(
    400,
    'current_password_invalid',
    'Current password required when setting new password.',
  ),
  ticket_invalid: row(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid'),
})

function refuseOthers({ caller: { account } }: FastifyRequest, { phone, app_metadata }: Change): void {
  if (app_metadata !== undefined) throw new Refused(refusals.appMetadata)
  const isOther = phone !== undefined && phone.replace('+', '') !== phoneText(account)
  if (isOther) throw new Refused(refusals.phoneChange)
}

/** The password first, of which most can be wrong. */
async function change({ ctx, caller }: FastifyRequest, wanted: Change) {
  const { password, current_password: currentPassword, nonce: code, data } = wanted
  let { account } = caller
  if (password !== undefined)
    account = await replacePassword(ctx, caller, { password, currentPassword, code })
  if (data !== undefined) account = await changeProfile(ctx, caller, data)
  return account
}

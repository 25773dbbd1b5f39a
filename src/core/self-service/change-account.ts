import type { AccountRow } from '../../store/schema.ts'
import { prepareProfileChange } from '../accounts/profile.ts'
import type { Profile } from '../accounts/sign-up.ts'
import type { Context } from '../context.ts'
import { type ChangeMails, prepareMailedChange } from '../mailed-email-change/request.ts'
import { asCaller, type Caller, type PreparedChange } from '../sessions/sessions.ts'
import { resetPasswordLimits } from '../sign-in/credentials.ts'
import { prepareTextedChange, type WantedPhone } from '../texted-phone-change/request.ts'
import { prepareReplacement, type ReplacedPassword } from './replace-password.ts'

/** What somebody wants of their account to be another way; what is not given stays. */
interface OwnChange {
  password?: ReplacedPassword
  /** As `changeProfile` takes it. */
  profile?: Profile
  email?: ChangeMails
  phone?: WantedPhone
}

/**
 * Changes the caller's account through an app, all of it or nothing: what may refuse one part is asked before any is written,
 * and returns the account as it is then. Throws as `prepareReplacement`, `changeProfile`, `prepareMailedChange` and
 * `prepareTextedChange` do, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function changeOwnAccount(ctx: Context, caller: Caller, wanted: OwnChange): Promise<AccountRow> {
  const { password, profile, email, phone } = wanted
  const changes: PreparedChange[] = []
  // The password first, of which most can be wrong; a new one makes an earlier change of the address void, and not this one.
  if (password) changes.push(await prepareReplacement(ctx, caller, password))
  if (profile) changes.push(await prepareProfileChange(ctx, caller, profile))
  if (email) changes.push(await prepareMailedChange(ctx, caller, email))
  // What has proven who sets a password has proven who wants another number.
  if (phone) changes.push(await prepareTextedChange(ctx, caller, phone, { isProven: password !== undefined }))
  if (changes.length === 0) return caller.account
  const changed = await asCaller(ctx, caller, async (ctx, locked) => {
    let account = locked
    for (const change of changes) account = await change(ctx, account)
    return account
  })
  if (password) await resetPasswordLimits(ctx, changed)
  return changed
}

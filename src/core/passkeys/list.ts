import type { PasskeyRow } from '../../store/schema.ts'
import type { Context, RealmContext } from '../context.ts'
import type { Caller } from '../sessions/sessions.ts'
import { userHandle } from './assertions.ts'

/** What browsers are told of the passkeys of an account that are good here, so that they offer no others. */
export interface KnownPasskeys {
  rpId: string
  userId: string
  allAcceptedCredentialIds: string[]
}

/** The passkeys of the caller, oldest first, and which of them browsers may go on to offer. */
export async function listPasskeys(
  ctx: Context,
  { account }: Caller,
): Promise<{ passkeys: PasskeyRow[]; known: KnownPasskeys | undefined }> {
  const passkeys = await ctx.store.passkeys.listOf(account.id)
  const rpId = ctx.realm.passkeys?.rpId
  if (rpId === undefined) return { passkeys, known: undefined }
  const good = passkeys.filter((passkey) => passkey.rp_id === rpId)
  const known = { rpId, userId: userHandle(account.id), allAcceptedCredentialIds: good.map(({ id }) => id) }
  return { passkeys, known }
}

/** Whether an account has a passkey that is good here. */
export async function hasPasskey(ctx: RealmContext, accountId: string): Promise<boolean> {
  const passkeys = await ctx.store.passkeys.listOf(accountId)
  return passkeys.some(({ rp_id: rpId }) => rpId === ctx.realm.passkeys?.rpId)
}

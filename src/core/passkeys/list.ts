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
  const good = goodHere(ctx, passkeys)
  const known = { rpId, userId: userHandle(account.id), allAcceptedCredentialIds: good.map(({ id }) => id) }
  return { passkeys, known }
}

/** Those of these passkeys that are made for the domain of the realm: browsers use no others on its pages. */
export function goodHere({ realm }: Pick<RealmContext, 'realm'>, passkeys: PasskeyRow[]): PasskeyRow[] {
  return passkeys.filter((passkey) => passkey.rp_id === realm.passkeys?.rpId)
}

/** The passkeys of an account that are good here, oldest first. */
export async function goodPasskeysOf(ctx: RealmContext, accountId: string): Promise<PasskeyRow[]> {
  return goodHere(ctx, await ctx.store.passkeys.listOf(accountId))
}

/** Whether an account has a passkey that is good here. */
export async function hasPasskey(ctx: RealmContext, accountId: string): Promise<boolean> {
  return (await goodPasskeysOf(ctx, accountId)).length > 0
}

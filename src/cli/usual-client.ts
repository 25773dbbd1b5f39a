import { newestSession } from '../core/account-sessions.ts'
import { type Client, findClient } from '../core/clients.ts'
import type { RealmContext } from '../core/context.ts'
import type { Brand } from '../core/jobs.ts'
import type { AccountRow } from '../store/schema.ts'

/** The app that an account's owner has used last: mails that an operator causes go out in its name. */
export async function usualClient(ctx: RealmContext, account: AccountRow): Promise<Client | undefined> {
  const newest = await newestSession(ctx, account)
  return newest && findClient(ctx, newest.dialect, newest.client_id)
}

/** How such a mail names the app; the realm, or else the host, where none is known. */
export function brandOf(ctx: RealmContext, client: Client | undefined): Brand {
  return client?.brand ?? ctx.realm.brand ?? { name: new URL(ctx.publicUrl).hostname }
}

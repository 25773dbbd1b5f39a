import type { Client } from '../../core/clients/client.ts'
import { findClient } from '../../core/clients/clients.ts'
import type { RealmContext } from '../../core/context.ts'
import { newestSession } from '../../core/sessions/account-sessions.ts'
import type { AccountRow } from '../../store/schema.ts'

/** The app that an account's owner has used last: mails that an operator causes go out in its name. */
export async function usualClient(ctx: RealmContext, account: AccountRow): Promise<Client | undefined> {
  const newest = await newestSession(ctx, account)
  return newest && findClient(ctx, newest.dialect, newest.client_id)
}

import type { AccountRow } from '../../store/schema.ts'
import type { Brand } from '../clients/client.ts'
import { findClient, realmBrand } from '../clients/clients.ts'
import type { RealmContext } from '../context.ts'
import { newestSession } from '../sessions/account-sessions.ts'

/** In whose name a mail goes out that an operator causes: of the app that the owner has used last, or of the realm. */
export async function senderOf(
  ctx: RealmContext,
  account: AccountRow,
): Promise<{ brand: Brand; dialect: string; clientId: string }> {
  const newest = await newestSession(ctx, account)
  const client = newest && findClient(ctx, newest.dialect, newest.client_id)
  return {
    brand: client?.brand ?? realmBrand(ctx),
    dialect: client?.dialect ?? '',
    clientId: client?.id ?? '',
  }
}

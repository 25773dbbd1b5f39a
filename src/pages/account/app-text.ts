import { findClient, realmBrand } from '../../core/clients/clients.ts'
import type { RealmContext } from '../../core/context.ts'
import { accountDoor } from '../../core/self-service/account-door.ts'
import type { Texts } from '../texts.ts'

/** What an app is called that a person uses, by the client; the realm's name where it is not known any more. */
export function appText(
  ctx: RealmContext,
  { dialect, client_id: clientId }: { dialect: string | null; client_id: string | null },
  texts: Texts,
): string {
  if (dialect === accountDoor.dialect) return texts.accountTitle
  return (findClient(ctx, dialect ?? '', clientId ?? '')?.brand ?? realmBrand(ctx)).name
}

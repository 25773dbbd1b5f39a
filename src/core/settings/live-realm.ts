import type { Brand, Client } from '../clients/client.ts'
import type { Realm, RealmContext } from '../context.ts'
import type { PasswordPolicy } from '../passwords/policy.ts'

/** What settings make of a realm. */
export interface RealmInForce extends Pick<Realm, 'password' | 'strictPasswords' | 'signUpPage' | 'brand'> {
  /** What new passwords must be like at a door, by the names of the open ones. */
  doorPasswords: Record<string, PasswordPolicy>
  /** Those that the configuration declares. */
  clients: Client[]
}

/** What of a realm follows its settings: the same objects for as long as the process lives, whoever holds them. */
export type LiveRealm = Pick<RealmContext, 'realm' | 'atDoors' | 'declaredBrands'>

/** Has a realm be so from now on, in place, so that every context, page and mail of it follows; clients do once they are read again. */
export function changeRealm(live: LiveRealm, { doorPasswords, clients, ...realm }: RealmInForce): void {
  const { brand, password, strictPasswords, signUpPage } = realm
  for (const [dialect, at] of [[undefined, live.realm] as const, ...live.atDoors]) {
    const own = dialect === undefined ? password : (doorPasswords[dialect] ?? password)
    Object.assign(at, { password: own, strictPasswords, signUpPage })
    if (brand) at.brand = brand
    else delete at.brand
  }
  live.declaredBrands.clear()
  for (const { dialect, id, brand } of clients) live.declaredBrands.set(nameOf({ dialect, id }), brand)
}

/** How settings have a client presented that the configuration declares; `undefined` where they say nothing of it. */
export function declaredBrand(
  { declaredBrands }: Pick<LiveRealm, 'declaredBrands'>,
  client: Pick<Client, 'dialect' | 'id'>,
): Brand | undefined {
  return declaredBrands.get(nameOf(client))
}

function nameOf({ dialect, id }: Pick<Client, 'dialect' | 'id'>): string {
  return `${dialect} ${id}`
}

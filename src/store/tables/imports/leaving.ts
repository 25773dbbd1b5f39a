import type { LegacyLinkRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countRows } from '../sealed.ts'

/** What belongs to some accounts, by their ids. */
export interface Belongings {
  /** By source and source id. */
  links: LegacyLinkRow[]
  /** Of recovery codes that are not used up. */
  recoveryCodes: { accountId: string; count: number }[]
  /** IPs that are known to be the owners', the latest first. */
  addresses: { accountId: string; ip: string }[]
}

/** Reads what accounts of one realm take along when they leave, many at a time. */
export function leaving(db: Database, realm: string) {
  return {
    /** What belongs to these accounts, of which there is one at least. */
    belongings: async (accountIds: string[]): Promise<Belongings> => ({
      links: await db
        .selectFrom('legacy_links')
        .selectAll()
        .where('realm', '=', realm)
        .where('account_id', 'in', accountIds)
        .orderBy('source')
        .orderBy('source_id')
        .execute(),
      recoveryCodes: await db
        .selectFrom('recovery_codes')
        .select(['account_id as accountId', countRows])
        .where('realm', '=', realm)
        .where('account_id', 'in', accountIds)
        .where('consumed_at', 'is', null)
        .groupBy('account_id')
        .execute(),
      addresses: await addressesOf(db, realm, accountIds),
    }),
  }
}

/** Those of sessions first, as they are younger than what was brought along from elsewhere. */
async function addressesOf(
  db: Database,
  realm: string,
  accountIds: string[],
): Promise<Belongings['addresses']> {
  const used = await db
    .selectFrom('sessions')
    .select(['account_id as accountId', (eb) => eb.ref('ip').$notNull().as('ip')])
    .where('realm', '=', realm)
    .where('account_id', 'in', accountIds)
    .where('ip', 'is not', null)
    .groupBy(['account_id', 'ip'])
    .orderBy(({ fn }) => fn.max('created_at'), 'desc')
    .orderBy('ip')
    .execute()
  const brought = await db
    .selectFrom('known_addresses')
    .select(['account_id as accountId', 'ip'])
    .where('realm', '=', realm)
    .where('account_id', 'in', accountIds)
    .orderBy('ip')
    .execute()
  return [...used, ...brought]
}

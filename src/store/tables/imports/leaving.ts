import type { LegacyLinkRow, TotpRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countRows } from '../sealed.ts'

/** What belongs to some accounts, by their ids. */
export interface Belongings {
  /** In force. */
  authenticators: TotpRow[]
  /** By source and source id. */
  links: LegacyLinkRow[]
  /** Of recovery codes that are not used up. */
  recoveryCodes: { accountId: string; count: number }[]
}

/** Reads what accounts of one realm take along when they leave, many at a time. */
export function leaving(db: Database, realm: string) {
  return {
    /** What belongs to these accounts, of which there is one at least. */
    belongings: async (accountIds: string[]): Promise<Belongings> => ({
      authenticators: await db
        .selectFrom('totp')
        .selectAll()
        .where('realm', '=', realm)
        .where('account_id', 'in', accountIds)
        .where('confirmed_at', 'is not', null)
        .execute(),
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
    }),
  }
}

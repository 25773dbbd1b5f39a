import type { SettingRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { countDeleted } from './rows.ts'

/** What is set of every realm, and of all of them under an empty name. */
export async function settingsOfAll(db: Database): Promise<Map<string, SettingRow[]>> {
  const rows = await db.selectFrom('settings').selectAll().orderBy('realm').orderBy('name').execute()
  return Map.groupBy(rows, ({ realm }) => realm)
}

/** What operators have set of one realm, or of all of them where its name is empty. */
export function settings(db: Database, realm: string) {
  return {
    list: (): Promise<SettingRow[]> =>
      db.selectFrom('settings').selectAll().where('realm', '=', realm).orderBy('name').execute(),

    /** Writes over what it was set to before. */
    put: async (setting: Omit<SettingRow, 'realm'>): Promise<void> => {
      await db
        .insertInto('settings')
        .values({ ...setting, realm })
        .onConflict((conflict) => conflict.columns(['realm', 'name']).doUpdateSet(setting))
        .execute()
    },

    /** Returns whether it was set. */
    remove: async (name: string): Promise<boolean> =>
      (await countDeleted(db.deleteFrom('settings').where('realm', '=', realm).where('name', '=', name))) > 0,
  }
}

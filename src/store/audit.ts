import type { Database } from './database.ts'
import type { AuditRow } from './schema.ts'

export type Audit = ReturnType<typeof audit>

/** What happened in one realm; rows are only ever added. */
export function audit(db: Database, realm: string) {
  return {
    add: async (entry: Omit<AuditRow, 'realm'>): Promise<void> => {
      await db
        .insertInto('audit')
        .values({ ...entry, realm })
        .execute()
    },
  }
}

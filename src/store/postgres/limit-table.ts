import { CompiledQuery } from 'kysely'
import type { Database } from '../types.ts'

/** Runs the statements that rate-limiter-flexible brings along for the table `limits`; PostgreSQL only. */
export function limitTable(db: Database) {
  return {
    query: async ({ text, values }: { text: string; values: unknown[] }) => {
      const { rows, numAffectedRows } = await db.executeQuery(CompiledQuery.raw(text, values))
      return { rows, rowCount: Number(numAffectedRows ?? 0) }
    },
  }
}

import { type Row, select } from '../harness/database.ts'
import type { TestServer } from '../harness/harness.ts'

/** The jobs that send something to that address, done ones too. */
export function jobsTo({ env }: Pick<TestServer, 'env'>, email: string): Promise<Row[]> {
  return select(env.DATABASE_URL ?? '', `select * from jobs where payload like '%"${email}"%'`)
}

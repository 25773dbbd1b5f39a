import { after, before, describe } from 'node:test'
import { contractThrough } from '../contract/contract.ts'
import { minbil } from '../dialects/minbil/adapter.ts'
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from '../harness/pgbouncer.ts'

describe('two nodes behind PgBouncer in transaction mode', { skip: !hasPgbouncer }, () => {
  let pooler: Pgbouncer
  before(async () => {
    const postgresUrl = process.env.TEST_DATABASE_URL ?? ''
    pooler = await startPgbouncer(postgresUrl, { pool_mode: 'transaction' })
  })
  after(() => pooler?.close())

  contractThrough(minbil, (url) => pooler.through(url))
})

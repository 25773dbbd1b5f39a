import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { contractThrough } from '../contract.ts'
import { minbil } from '../dialects/minbil-adapter.ts'
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from '../pgbouncer.ts'

describe('behind PgBouncer in transaction mode', { skip: !hasPgbouncer }, () => {
  let pooler: Pgbouncer
  before(async () => {
    pooler = await startPgbouncer(process.env.TEST_DATABASE_URL ?? '', { pool_mode: 'transaction' })
  })
  after(() => pooler?.close())

  contractThrough(minbil, (url) => pooler.through(url))
})

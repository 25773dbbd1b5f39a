import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute, rowsOnce, select } from '../../harness/database.ts'
import {
  type Engine,
  noPostgres,
  onEveryEngine,
  type TestServer,
  useServer,
  useTwoServers,
} from '../../harness/harness.ts'

const day = 86_400_000
const countOld = `select count(*) as n from audit where event = 'old'`

/** Adds so many rows to the audit trail that are so many days old; their ids begin with their time. */
async function addAudit(server: TestServer, { rows, age }: { rows: number; age: number }): Promise<void> {
  const at = server.clock.now() - age * day
  const hex = at.toString(16).padStart(12, '0')
  const prefix = `${hex.slice(0, 8)}-${hex.slice(8)}-7`
  const [numbers, digits] = seriesOf(server.engine, rows)
  await execute(
    urlOf(server),
    `insert into audit (id, realm, at, event, outcome)
     select '${prefix}' || substr(${digits}, 1, 3) || '-8000-' || substr(${digits}, 4, 9) || '000', 'main', ${at}, 'old', 'success'
     from ${numbers}`,
  )
}

/** A table of numbers, and each of them as twelve digits. */
function seriesOf(engine: Engine, most: number): [table: string, digits: string] {
  return engine === 'postgres'
    ? [`generate_series(1, ${most}) as series (n)`, `lpad(n::text, 12, '0')`]
    : [
        `(with recursive series (n) as (select 1 union all select n + 1 from series where n < ${most})
          select n from series)`,
        `printf('%012d', n)`,
      ]
}

async function oldRows(server: TestServer): Promise<number> {
  const [row] = await select(urlOf(server), countOld)
  return Number(row?.n)
}

function urlOf({ env }: TestServer): string {
  return env.DATABASE_URL ?? ''
}

function assertNoFailure(server: TestServer): void {
  assert.deepEqual(
    server.log.filter(({ level }) => Number(level) >= 40),
    [],
  )
}

onEveryEngine('pruning a lot', (engine) => {
  const server = useServer(engine)

  it('runs in small batches, stops with the server, and resumes after a restart', async () => {
    const rows = 20_000
    await addAudit(server, { rows, age: 401 })
    const pruning = server.maintain()
    await rowsOnce(urlOf(server), {
      what: 'a first batch',
      statement: countOld,
      areWanted: ([row]) => Number(row?.n) < rows,
    })
    await server.restart()
    await pruning
    const left = await oldRows(server)
    assert.ok(left > 0, 'all went before anybody could stop it')
    assert.equal(left % 500, 0)
    await server.maintain()
    assert.equal(await oldRows(server), 0)
    assertNoFailure(server)
  })
})

describe('pruning on two nodes at once', { skip: noPostgres }, () => {
  const { first, second } = useTwoServers()

  it('removes every row once, and neither node disturbs the other', async () => {
    await addAudit(first, { rows: 5_000, age: 401 })
    await Promise.all([first.maintain(), second.maintain(), first.maintain()])
    // Each leaves what another has taken, and may end while that one is at its last batch.
    assert.equal(await oldRows(first), 0)
    assertNoFailure(first)
    assertNoFailure(second)
  })
})

describe('retention', () => {
  const server = useServer('sqlite', { yaml: 'retention: { audit: 30d }' })

  it('is set in the configuration', async () => {
    await addAudit(server, { rows: 3, age: 31 })
    await addAudit(server, { rows: 2, age: 29 })
    await server.maintain()
    assert.equal(await oldRows(server), 2)
  })
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { it } from 'node:test'
import { execute } from '../test/harness/database.ts'
import { onEveryEngine, useServer } from '../test/harness/harness.ts'

const program = join(import.meta.dirname, '..', 'bin', 'manydoors.js')
const accounts = 200_000

onEveryEngine('a list of very many accounts', (engine) => {
  const server = useServer(engine)

  it('is printed in full and in order, without duplicates, with little memory', async () => {
    const [numbers, digits] =
      engine === 'postgres'
        ? [`generate_series(1, ${accounts}) as series (n)`, `lpad(n::text, 12, '0')`]
        : [
            `(with recursive series (n) as (select 1 union all select n + 1 from series where n < ${accounts})
              select n from series)`,
            `printf('%012d', n)`,
          ]
    await execute(
      server.env.DATABASE_URL ?? '',
      `insert into accounts (id, realm, email, profile, created_at, updated_at)
       select '01890000-0000-7000-8000-' || ${digits}, 'main', 'person-' || n || '@example.com', '{}', n, n
       from ${numbers}`,
    )
    // All of them at once would take several times as much.
    const env = { ...server.env, NODE_OPTIONS: '--max-old-space-size=64' }
    const args = [program, '--json', 'account', 'list']
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    let lines = 0
    let last = ''
    for await (const line of createInterface({ input: child.stdout })) {
      const { id } = JSON.parse(line)
      assert.ok(id > last, `${id} after ${last}`)
      last = id
      lines++
    }
    assert.deepEqual(await closed, [0, null])
    assert.equal(lines, accounts)
  })
})

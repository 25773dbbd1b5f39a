import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../harness/events.ts'
import { type Program, startProgram } from '../harness/program.ts'
import { behindProxy } from '../limits/callers.ts'
import { startLoad } from './load.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'

/** Refreshes and sign-ups that must succeed before PostgreSQL is stopped, and after it is back. */
const workload = 60

describe('PostgreSQL that stops and starts under load', () => {
  let postgres: OwnPostgres
  let program: Program
  before(async () => {
    postgres = await startOwnPostgres()
    program = await startProgram({ ...behindProxy, DATABASE_URL: postgres.url, LOG_LEVEL: 'silent' })
  })
  after(async () => {
    await program?.kill()
    await postgres?.remove()
  })

  for (const how of ['SIGQUIT', 'SIGKILL'] as const) {
    it(`is reconnected to, and nothing acknowledged is lost, after ${how}`, async (test) => {
      const load = await startLoad(program)
      try {
        await load.progress(workload)
        await postgres.stop(how)
        await load.refusals(20)
        assert.equal((await program.request('GET', '/healthz')).status, 200)
        assert.equal((await program.request('GET', '/readyz')).status, 503)

        await postgres.start()
        await eventually('readiness', async () => {
          const { status } = await program.request('GET', '/readyz')
          return status === 200 || undefined
        })
        await load.progress(workload)
      } finally {
        test.diagnostic(await load.stop())
      }
      await load.assertNothingLost(program)
    })
  }
})

import assert from 'node:assert/strict'
import { rename, rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { minbil, register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { freshEmail, type TestServer, useServer } from '../harness/harness.ts'

describe('a database file that is removed under the server', () => {
  for (const [how, takeAway] of [
    ['deleted', (path: string) => Promise.all(['', '-wal', '-shm'].map((end) => rm(path + end)))],
    ['moved', (path: string) => rename(path, `${path}.elsewhere`)],
  ] as const)
    describe(`and ${how}`, () => {
      const server = useServer('sqlite')

      it('is never a success: nothing is acknowledged from then on, and the server is not ready', async () => {
        const person = await register(server)
        const { refresh, access } = minbil.tokensOf(await minbil.signIn(server, person))
        await takeAway((server.env.DATABASE_URL ?? '').slice('sqlite:'.length))
        await assertRefused(server, '/api/co/auth/refresh', { refresh_token: refresh })
        await assertRefused(server, '/api/co/auth/sign-up', { email: freshEmail(), password: '12345678' })
        // What is only read looks for the file once in a second.
        await eventually('the end of readiness', async () => {
          const { status } = await server.request('GET', '/readyz')
          return status === 503 || undefined
        })
        await assertRefused(server, '/api/co/auth/sign-in', person)
        const asked = await server.request('POST', '/api/co/auth/sign-out', { bearer: access })
        assert.equal(asked.status, 503, asked.text)
        assert.equal((await server.request('GET', '/healthz')).status, 200)
      })
    })
})

async function assertRefused(server: TestServer, path: string, json: object): Promise<void> {
  const answer = await server.request('POST', path, { json })
  assert.equal(answer.status, 503, answer.text)
  assert.ok(answer.headers.get('retry-after'))
}

import { before, describe, it } from 'node:test'
import { useServer } from '../harness/harness.ts'
import { assertProblem, programOf, type TestProgram } from './programs.ts'

describe('attacks on the console and its API', () => {
  const server = useServer('sqlite')
  let program: TestProgram
  before(async () => {
    program = await programOf(server)
  })

  it('a NUL in a field is refused, as PostgreSQL would fail on it', async () => {
    const at = '/realms/main'
    for (const path of [
      '/accounts?q=',
      '/sessions?ip=',
      '/messages?kind=',
      '/audit?actor=',
      '/audit?account=',
    ])
      assertProblem(await program.ask('GET', `${at}${path}a%00b`), 422, 'validation_failed')
    const json = { format: 'csv', door: '\0' }
    assertProblem(await program.ask('POST', `${at}/audit/export`, { json }), 422, 'validation_failed')
  })
})

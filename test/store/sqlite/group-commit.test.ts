import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute, select } from '../../harness/database.ts'
import { minbil, type Person, register } from '../../harness/doors.ts'
import { claimsOf, useServer } from '../../harness/harness.ts'

const people = 12
const turns = 6
const unlucky = 'Unlucky/1.0'

describe('writes to sqlite that are committed together', () => {
  const server = useServer('sqlite')

  it('are kept or refused each by itself', async () => {
    await execute(
      server.env.DATABASE_URL ?? '',
      `create trigger unlucky before insert on sessions when new.user_agent = '${unlucky}'
       begin select raise(abort, 'unlucky'); end`,
    )
    const persons: Person[] = []
    for (let count = 0; count < people; count++) persons.push(await register(server))

    const results = await Promise.all(persons.flatMap((person) => [refreshAgain(person), failAgain(person)]))
    const generations = results.filter((result) => result !== undefined)
    assert.deepEqual(generations, Array(people).fill(turns + 1))

    const sessions = await select(
      server.env.DATABASE_URL ?? '',
      'select user_agent, generation, ended_at from sessions',
    )
    assert.equal(sessions.length, people)
    assert.ok(sessions.every((session) => session.user_agent !== unlucky && session.ended_at === null))
    assert.ok(sessions.every(({ generation }) => generation === turns + 1))
    // The sign-in that was refused has left nothing behind, though all but its session could be written.
    const signIns = await select(
      server.env.DATABASE_URL ?? '',
      `select account_id, count(*) as count from audit where event = 'sign_in' and outcome = 'success'
       group by account_id`,
    )
    assert.deepEqual(
      signIns.map(({ count }) => count),
      Array(people).fill(1),
    )
    const logged = server.log.filter(({ event, outcome }) => event === 'sign_in' && outcome === 'success')
    assert.equal(logged.length, people)
  })

  /** Signs in and refreshes a few times; returns the generation that was reached. */
  async function refreshAgain(person: Person): Promise<number> {
    let tokens = minbil.tokensOf(await minbil.signIn(server, person))
    for (let turn = 0; turn < turns; turn++)
      tokens = minbil.tokensOf(await minbil.refresh(server, tokens.refresh))
    return claimsOf(tokens.access).gen
  }

  /** Signs in from where no session can be opened. */
  async function failAgain(person: Person): Promise<undefined> {
    for (let turn = 0; turn < 3; turn++) {
      const headers = { 'user-agent': unlucky }
      const answer = await server.request('POST', '/api/co/auth/sign-in', { json: person, headers })
      assert.equal(answer.status, 500, answer.text)
      assert.ok(!answer.text.includes('unlucky'))
    }
  }
})

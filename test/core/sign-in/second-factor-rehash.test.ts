import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hash } from '@node-rs/argon2'
import {
  answerChallenge,
  assertCode,
  challengeFor,
  invalidChallenge,
  nextCode,
  type Person,
  registerWithSecondFactor,
  tokensOf,
} from '../../dialects/wolfpal/door.ts'
import { execute } from '../../harness/database.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'

onEveryEngine('a code of the second factor', (engine) => {
  const server = useServer(engine)

  /** Has that happen to the account whenever a code is used up, in the middle of the sign-in. */
  const atEachCode = async ({ email }: Person, change: string): Promise<void> => {
    const update = `update accounts set ${change} where email = '${email}';`
    await execute(
      server.env.DATABASE_URL ?? '',
      engine === 'sqlite'
        ? `create trigger meanwhile after update of last_step on totp begin ${update} end`
        : `create function meanwhile() returns trigger language plpgsql as $$ begin ${update} return new; end $$;
           create trigger meanwhile after update of last_step on totp for each row execute function meanwhile()`,
    )
  }
  const stop = () =>
    execute(
      server.env.DATABASE_URL ?? '',
      engine === 'sqlite' ? 'drop trigger meanwhile' : 'drop function meanwhile cascade',
    )

  it('lets in although another sign-in has renewed the hash meanwhile', async () => {
    const person = await registerWithSecondFactor(server)
    const challenge = await challengeFor(server, person)
    await atEachCode(person, `password_hash = '${await hash(person.password)}'`)
    try {
      tokensOf(await answerChallenge(server, challenge, nextCode(server, person.secret)))
    } finally {
      await stop()
    }
    await challengeFor(server, person)
  })

  it('lets nobody in whose password was changed meanwhile', async () => {
    const person = await registerWithSecondFactor(server)
    const challenge = await challengeFor(server, person)
    const changed = `password_hash = '${await hash('another password')}'`
    await atEachCode(person, `${changed}, password_changed_at = password_changed_at + 1`)
    try {
      const answer = await answerChallenge(server, challenge, nextCode(server, person.secret))
      assertCode(answer, ...invalidChallenge)
      assert.doesNotMatch(answer.text, /eyJ/)
    } finally {
      await stop()
    }
  })
})

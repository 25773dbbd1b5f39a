import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute } from '../harness/database.ts'
import { useServer } from '../harness/harness.ts'
import * as credebl from './credebl/door.ts'
import * as pm2 from './pm2/door.ts'

/** What another system may have let people write. */
const odd = { firstName: { a: 1 }, lastName: 5, role: ['admin'], company: true }

describe('a profile that another system has written', () => {
  const server = useServer('sqlite')
  const put = (email: string) =>
    execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set profile = '${JSON.stringify(odd)}' where email = '${email}'`,
    )

  it('gives credebl and pm2 nothing of another form than their clients read', async () => {
    const person = await credebl.registerAndSignIn(server)
    await put(person.email)
    const { body } = await server.request('GET', '/users/profile', { bearer: person.access })
    assert.deepEqual([body.data.firstName, body.data.lastName], [null, null])

    const other = await pm2.register(server)
    await put(other.email)
    const answer = await pm2.whoAmI(server, other.access)
    assert.equal(answer.status, 200)
    assert.deepEqual([answer.body.role, answer.body.company], [null, null])
  })
})

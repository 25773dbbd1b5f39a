import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sharedAccount, signInShared } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { app, headersOf } from '../dialects/vastly/door.ts'
import { type Answer, useServer } from '../harness/harness.ts'

const ofBadToken = 'Bearer error="invalid_token"'

describe('a 401', () => {
  const server = useServer('sqlite')
  const challengeOf = ({ status, headers, text }: Answer): string | null => {
    assert.equal(status, 401, text)
    return headers.get('www-authenticate')
  }

  for (const dialect of adapters) {
    it(`says at ${dialect.name} that a token is required, and whether the one sent is invalid`, async () => {
      const { access } = await signInShared(dialect, server)
      for (const bad of ['nonsense', `${access}x`, access.replace(/\.\w/, '.A')]) {
        const answer = await dialect.ask(server, bad)
        // By the contract of one door a bad token is a 403.
        if (dialect.statuses.access === 401) assert.equal(challengeOf(answer), ofBadToken)
        else assert.equal(answer.status, dialect.statuses.access)
      }
      assert.equal(challengeOf(await dialect.ask(server, 'null')), 'Bearer')
      const route = dialect.routes.find(({ needsAccess }) => needsAccess)
      assert.ok(route)
      const path = route.path.replaceAll(/:\w+/g, 'x')
      for (const authorization of [undefined, 'Basic eDp5', 'Bearer ', 'Bearer undefined']) {
        const headers = { ...headersOf(app), ...(authorization && { authorization }) }
        const answer = await server.request(route.method, path, { headers })
        assert.equal(challengeOf(answer), 'Bearer')
      }
    })

    it(`for a wrong password at ${dialect.name} has a challenge without a browser dialog`, async () => {
      const { email } = await sharedAccount(dialect, server)
      const { answer } = await dialect.signIn(server, { email, password: 'a wrong one' })
      assert.equal(answer.status, dialect.statuses.signIn)
      assert.equal(answer.headers.get('www-authenticate'), answer.status === 401 ? 'Bearer' : null)
      if (dialect.refreshing?.status !== 401) return
      const refreshed = await dialect.refreshing.refresh(server, 'nonsense')
      assert.equal(challengeOf(refreshed.answer), 'Bearer')
    })
  }

  it('that a door answers by itself has one, too', async () => {
    const unknown = { client_id: 'nobody', origin: 'https://app.example' }
    const login = await server.request('POST', '/api/v1/auth/login', { json: {}, headers: unknown })
    assert.equal(challengeOf(login), 'Bearer')
    const verify = await server.request('GET', '/auth/verify?email=a@b.example&verificationCode=x')
    assert.equal(challengeOf(verify), 'Bearer')
  })
})

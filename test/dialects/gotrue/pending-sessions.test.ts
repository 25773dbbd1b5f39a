import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { pathOf } from '../../contract/support.ts'
import { claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import { plainBrowser } from '../../pages/jar.ts'
import { nextCode } from '../wolfpal/door.ts'
import { gotrue } from './adapter.ts'
import {
  assertRefused,
  challenge,
  enrol,
  openPerson,
  openWithFactor,
  send,
  signIn,
  stepUp,
  tokensOf,
} from './factors.ts'
import { mailFor, tokenIn } from './mails.ts'

type Protected = Awaited<ReturnType<typeof openWithFactor>>

/** What is open to a session before its second factor is shown. */
const open = ['GET /user', 'POST /factors/:id/challenge', 'POST /factors/:id/verify', 'POST /logout']

onEveryEngine('a session of gotrue that lacks the second factor', (engine) => {
  const server = useServer(engine)
  let person: Protected
  before(async () => {
    person = await openWithFactor(server)
  })

  const byMail = async (path: string, type: 'recovery' | 'magiclink') => {
    const mail = await mailFor(server, { path, about: type, email: person.email })
    return send(server, 'POST', '/verify', { json: { type, token_hash: tokenIn(mail) } })
  }
  const ways = {
    'a password': () =>
      send(server, 'POST', '/token?grant_type=password', {
        json: { email: person.email, password: person.password },
      }),
    'a recovery': () => byMail('/recover', 'recovery'),
    'a magic link': () => byMail('/otp', 'magiclink'),
  }

  for (const [way, ask] of Object.entries(ways)) {
    it(`is all that ${way} opens`, async () => {
      const { body, text } = await ask()
      const { role, aal, amr } = claimsOf(body.access_token)
      assert.deepEqual([role, aal, amr.length], ['mfa_pending', 'aal1', 1], text)
      assert.equal(body.user.factors[0].status, 'verified')
    })
  }

  describe('opens', () => {
    it('nothing but what leads to the factor, or away', async () => {
      const { access: bearer } = await signIn(server, person)
      const kept = gotrue.routes.filter(({ needsAccess }) => needsAccess)
      const closed = kept.filter(({ method, path }) => !open.includes(`${method} ${path.slice(8)}`))
      assert.ok(closed.length >= 2)
      for (const route of closed) {
        const path = pathOf(route, { params: { id: person.id } })
        const answer = await server.request(route.method, path, { bearer })
        assert.equal(answer.body.error_code, 'insufficient_aal', `${path}: ${answer.text}`)
      }
      assertRefused(await send(server, 'POST', '/factors', { bearer, json: {} }), 403, 'insufficient_aal')
      assertRefused(
        await send(server, 'DELETE', `/factors/${person.id}`, { bearer }),
        422,
        'insufficient_aal',
      )
      const { status, body } = await send(server, 'GET', '/user', { bearer })
      assert.deepEqual([status, body.factors.length], [200, 1])
    })

    it('nothing more by a refresh, and goes when it is signed out', async () => {
      const { refresh } = await signIn(server, person)
      const refreshed = await send(server, 'POST', '/token?grant_type=refresh_token', {
        json: { refresh_token: refresh },
      })
      const bearer = refreshed.body.access_token
      assert.deepEqual([claimsOf(bearer).role, claimsOf(bearer).aal], ['mfa_pending', 'aal1'])
      assertRefused(await send(server, 'POST', '/factors', { bearer, json: {} }), 403, 'insufficient_aal')
      assert.equal((await send(server, 'POST', '/logout?scope=local', { bearer })).status, 204)
      assertRefused(await send(server, 'GET', '/user', { bearer }), 403, 'session_not_found')
    })

    it('everything once it has shown the factor', async () => {
      const { access } = await stepUp(server, (await signIn(server, person)).access, person)
      const spare = await enrol(server, access, 'Spare')
      assert.equal((await send(server, 'DELETE', `/factors/${spare.id}`, { bearer: access })).status, 200)
    })
  })

  it('keeps no factor that was begun before the one of the account', async () => {
    const owner = await openPerson(server)
    const planted = await enrol(server, owner.access, 'Planted')
    await setUpOnAccountPage(server, owner)
    assertRefused(await send(server, 'GET', '/user', { bearer: owner.access }), 403, 'session_not_found')
    const { access } = await signIn(server, owner)
    const path = `/factors/${planted.id}/challenge`
    assertRefused(await send(server, 'POST', path, { bearer: access, json: {} }), 404, 'mfa_factor_not_found')
    const { body } = await send(server, 'GET', '/user', { bearer: access })
    const factors = body.factors.map(({ id, status }: { id: string; status: string }) => [id, status])
    assert.deepEqual(factors, [[body.factors[0].id, 'verified']])
    assert.notEqual(body.factors[0].id, planted.id)
    assert.equal(claimsOf((await signIn(server, owner)).access).role, 'mfa_pending')
  })

  it('shows the factor with its own challenge alone', async () => {
    const [mine, other] = [await signIn(server, person), await signIn(server, person)]
    const challenge_id = await challenge(server, other.access, person.id)
    const json = { challenge_id, code: nextCode(server, person.secret) }
    const answer = await send(server, 'POST', `/factors/${person.id}/verify`, { bearer: mine.access, json })
    assertRefused(answer, 422, 'mfa_factor_not_found')
    const theirs = await send(server, 'POST', `/factors/${person.id}/verify`, { bearer: other.access, json })
    assert.equal(claimsOf(tokensOf(theirs).access).aal, 'aal2')
  })
})

/** Sets an authenticator up on the account page, as somebody does who knows the password; returns its secret. */
async function setUpOnAccountPage(
  server: ReturnType<typeof useServer>,
  { email, password }: { email: string; password: string },
): Promise<string> {
  const browser = plainBrowser(server)
  await browser.submit(await browser.open('/ui/account'), { identifier: email, password })
  const page = '/ui/account/authenticator'
  const opened = await browser.open(page)
  const [, secret = ''] = /name="secret" value="([A-Z2-7]+)"/.exec(opened.text) ?? []
  assert.notEqual(secret, '', opened.text)
  const done = await browser.submit(opened, { code: nextCode(server, secret) }, page)
  assert.equal(done.status, 200, done.text)
  return secret
}

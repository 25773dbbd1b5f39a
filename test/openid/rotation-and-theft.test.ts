import assert from 'node:assert/strict'
import { it } from 'node:test'
import { execute, select } from '../harness/database.ts'
import { register } from '../harness/doors.ts'
import { type Answer, mailCausedBy, onEveryEngine } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { appBrowser, callbackOf } from './browser.ts'
import { isActive, refresh } from './endpoints.ts'
import { useOpenid } from './harness.ts'
import { beginSignIn, finishSignIn, signIn } from './relying-party.ts'

/** In milliseconds: how long a refresh token that was replaced may be shown again. */
const grace = 10_000

const apps = [
  { id: 'web', settings: { introspect: true, idTokenAlgorithm: 'ES256' as const } },
  { id: 'other', settings: { idTokenAlgorithm: 'ES256' as const } },
]

onEveryEngine('a refresh token of OpenID Connect', (engine) => {
  const server = useOpenid(engine, { apps })
  const url = () => server.env.DATABASE_URL ?? ''
  const web = () => server.app('web')

  const signedIn = async () => {
    const [party, browser, person] = [await server.party('web'), appBrowser(server), await register(server)]
    const tokens = await signIn(party, browser, person)
    return { party, browser, person, token: tokens.refresh_token ?? '', access: tokens.access_token }
  }
  const turn = async (token: string): Promise<string> => {
    const { status, text, body } = await refresh(server, web(), token)
    assert.equal(status, 200, text)
    return body.refresh_token
  }
  const assertRefused = ({ status, body, text }: Answer) => {
    assert.equal(status, 400, text)
    assert.equal(body.error, 'invalid_grant', text)
  }
  const thefts = async (email: string) =>
    select(
      url(),
      `select session_id from audit where event = 'session.reuse_detected'
       and account_id = (select id from accounts where email = '${email}')`,
    )

  it('may be shown again for ten seconds, and is answered with the same successor', async () => {
    const { token, person } = await signedIn()
    const successor = await turn(token)
    server.clock.advance(grace - 1_000)
    assert.equal(await turn(token), successor)
    assert.notEqual(await turn(successor), successor)
    assert.deepEqual(await thefts(person.email), [])
  })

  it('ends its session when it is shown later than that, which is audited and mailed', async () => {
    const { token, access, person } = await signedIn()
    const successor = await turn(token)
    server.clock.advance(grace + 1_000)
    const to = person.email
    await mailCausedBy(server, { to, subject: /^You were signed out/ }, async () =>
      assertRefused(await refresh(server, web(), token)),
    )
    assertRefused(await refresh(server, web(), successor))
    assert.equal(await isActive(server, web(), access), false)
    assert.equal((await thefts(to)).length, 1)
    // Once is enough, however often it is shown.
    assertRefused(await refresh(server, web(), token))
    await endOfJobs(server)
    const mails = (await server.mailbox()).filter(
      (entry) => entry.to === to && /^You were signed out/.test(entry.subject),
    )
    assert.equal(mails.length, 1)
    assert.equal((await thefts(to)).length, 1)
  })

  it('ends its session when it is two generations old, and no other of its app and browser', async () => {
    const { token, person, party, browser } = await signedIn()
    const again = await beginSignIn(party)
    const sibling = await finishSignIn(party, callbackOf(await browser.visit(again.url)), again)
    const others = await server.party('other')
    const begun = await beginSignIn(others)
    const neighbour = await finishSignIn(others, callbackOf(await browser.visit(begun.url)), begun)
    const newest = await turn(await turn(token))
    assertRefused(await refresh(server, web(), token))
    assertRefused(await refresh(server, web(), newest))
    assert.equal((await thefts(person.email)).length, 1)
    await turn(sibling.refresh_token ?? '')
    assert.equal((await refresh(server, server.app('other'), neighbour.refresh_token ?? '')).status, 200)
    const { url: silent } = await beginSignIn(party, { prompt: 'none' })
    assert.ok(callbackOf(await browser.visit(silent)).searchParams.get('code'))
  })

  it('goes on from a generation that the database does not know of, and no one is a thief for that', async () => {
    const { token, person } = await signedIn()
    let newest = token
    for (let count = 0; count < 3; count++) newest = await turn(newest)
    await execute(url(), `update sessions set generation = 1 where dialect = 'openid'`)
    const asked = await Promise.all([1, 2].map(() => turn(newest)))
    assert.equal(asked[0], asked[1])
    await turn(asked[0] ?? '')
    assert.deepEqual(await thefts(person.email), [])
    assertRefused(await refresh(server, web(), token))
    assert.equal((await thefts(person.email)).length, 1)
  })

  it('is as good as before where a request that showed it was refused', async () => {
    const { token, person } = await signedIn()
    const wrong: Record<string, string>[] = [
      { scope: 'openid email phone' },
      { resource: 'https://nowhere.example' },
      { client_id: 'other' },
    ]
    for (const fields of wrong) {
      const { id, secret } = web()
      const answer = await server.request('POST', '/oidc/token', {
        form: { grant_type: 'refresh_token', refresh_token: token, ...fields },
        headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      })
      assert.ok(answer.status === 400 || answer.status === 401, answer.text)
    }
    server.clock.advance(grace + 1_000)
    await turn(token)
    assert.deepEqual(await thefts(person.email), [])
  })
})

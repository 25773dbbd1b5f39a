import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runCommand } from '../harness/command.ts'
import { select } from '../harness/database.ts'
import { type Person, register } from '../harness/doors.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { type AppBrowser, appBrowser, callbackOf, isSignInPage } from './browser.ts'
import { isActive, refresh } from './endpoints.ts'
import { useOpenid } from './harness.ts'
import { beginSignIn, type RelyingParty, signIn } from './relying-party.ts'

const apps = [{ id: 'web', settings: { introspect: true, idTokenAlgorithm: 'ES256' as const } }]

interface SignedIn {
  party: RelyingParty
  browser: AppBrowser
  person: Person
  access: string
  token: string
}

onEveryEngine('what apps have been given', (engine) => {
  const server = useOpenid(engine, { apps })
  const url = () => server.env.DATABASE_URL ?? ''
  const web = () => server.app('web')

  const signedIn = async (person?: Person): Promise<SignedIn> => {
    const somebody = person ?? (await register(server))
    const [party, browser] = [await server.party('web'), appBrowser(server)]
    const tokens = await signIn(party, browser, somebody)
    const { access_token: access, refresh_token: token = '' } = tokens
    return { party, browser, person: somebody, access, token }
  }
  const assertDead = async ({ access, token }: Pick<SignedIn, 'access' | 'token'>) => {
    assert.equal(await isActive(server, web(), access), false)
    assert.equal(await isActive(server, web(), token), false)
    assert.equal((await server.request('GET', '/oidc/userinfo', { bearer: access })).status, 401)
    const { status, body } = await refresh(server, web(), token)
    assert.deepEqual([status, body.error], [400, 'invalid_grant'])
  }
  const assertAlive = async ({ access, token }: Pick<SignedIn, 'access' | 'token'>) => {
    assert.equal(await isActive(server, web(), access), true)
    assert.equal((await server.request('GET', '/oidc/userinfo', { bearer: access })).status, 200)
    const next = await refresh(server, web(), token)
    assert.equal(next.status, 200, next.text)
  }
  const silent = async ({ party, browser }: SignedIn) =>
    callbackOf(await browser.visit((await beginSignIn(party, { prompt: 'none' })).url)).searchParams
  /** The oldest session of a browser of theirs. */
  const browserOf = async ({ email }: Person): Promise<string> => {
    const [row] = await select(
      url(),
      `select sessions.id from sessions join accounts on accounts.id = account_id
       where email = '${email}' and dialect = 'account' and ended_at is null
       order by sessions.created_at, sessions.id`,
    )
    return String(row?.id)
  }

  it('ends at once with a browser that is signed out on the account page', async () => {
    const here = await signedIn()
    const elsewhere = await signedIn(here.person)
    const path = `/ui/account/devices/${await browserOf(here.person)}/end`
    await elsewhere.browser.submit(await elsewhere.browser.open('/ui/account/devices'), {}, path)
    await assertDead(here)
    assert.equal((await silent(here)).get('error'), 'login_required')
    await assertAlive(elsewhere)
    assert.ok((await silent(elsewhere)).get('code'))
  })

  it('ends one by one: an app alone is signed out, and its browser stays signed in', async () => {
    const session = await signedIn()
    const [child] = await select(
      url(),
      `select sessions.id from sessions join accounts on accounts.id = account_id
       where email = '${session.person.email}' and dialect = 'openid'`,
    )
    const page = await session.browser.open('/ui/account/devices')
    await session.browser.submit(page, {}, `/ui/account/devices/${child?.id}/end`)
    await assertDead(session)
    assert.ok((await silent(session)).get('code'))
  })

  it('ends when the account is disabled', async () => {
    const session = await signedIn()
    const { code, stderr } = await runCommand(server, ['account', 'disable', session.person.email])
    assert.equal(code, 0, stderr)
    await assertDead(session)
    assert.equal((await silent(session)).get('error'), 'login_required')
  })

  it('ends when the account is deleted', async () => {
    const session = await signedIn()
    const { code, stderr } = await runCommand(server, ['account', 'delete', session.person.email, '--yes'])
    assert.equal(code, 0, stderr)
    await assertDead(session)
    assert.equal((await silent(session)).get('error'), 'login_required')
    const { url } = await beginSignIn(session.party)
    assert.ok(isSignInPage(await session.browser.visit(url)))
  })

  it('ends with a changed password, but in the browser that has changed it', async () => {
    const here = await signedIn()
    const elsewhere = await signedIn(here.person)
    const page = await here.browser.open('/ui/account/password')
    const password = 'quarrelsome heron in the attic'
    const changed = await here.browser.submit(page, { password }, '/ui/account/password')
    assert.equal(changed.status, 200, changed.text)
    await assertDead(elsewhere)
    assert.equal((await silent(elsewhere)).get('error'), 'login_required')
    await assertAlive(here)
    assert.ok((await silent(here)).get('code'))
  })

  it('ends when an operator ends all that the account is signed in to', async () => {
    const session = await signedIn()
    const { email } = session.person
    const { code, stderr } = await runCommand(server, ['account', 'sessions', email, '--end-all'])
    assert.equal(code, 0, stderr)
    await assertDead(session)
    assert.equal((await silent(session)).get('error'), 'login_required')
  })
})

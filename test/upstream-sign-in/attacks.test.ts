import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../dialects/pm2/door.ts'
import { execute, select } from '../harness/database.ts'
import { freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import { squat, squatted } from '../harness/squatting.ts'
import { provenPerson } from '../pages/account/names.ts'
import { plainBrowser, signInAtAccount } from '../pages/jar.ts'
import { assertPage } from '../pages/page.ts'
import { freshStranger, type Stranger } from './told-provider.ts'
import {
  assertAtAccount,
  goToProvider,
  providerForm,
  signInWithProvider,
  useProvider,
} from './with-provider.ts'

const withoutTrust = `      - preset: oidc
        id: untrusted
        issuer: ISSUER
        clientId: manydoors
        clientSecret: what the provider has given
`

onEveryEngine('an answer of a provider', (engine) => {
  const both = useProvider(engine, { more: withoutTrust })
  const { server, provider } = both
  const rowsOf = (statement: string) => select(server.env.DATABASE_URL ?? '', statement)
  const linksOf = ({ sub }: Stranger) => rowsOf(`select * from legacy_links where source_id = '${sub}'`)

  /** Somebody with an account here that the provider signs in to. */
  async function known(): Promise<Stranger> {
    const stranger = freshStranger(freshEmail())
    const { browser, page } = await signInWithProvider(both, stranger)
    assertAtAccount(await browser.submit(page, {}))
    return stranger
  }
  async function begin(browser = plainBrowser(server)) {
    const address = await goToProvider(browser, await browser.open('/ui/account'))
    return { browser, address }
  }

  it('counts in the browser alone that has begun the sign-in', async () => {
    const { browser, address } = await begin()
    const back = provider.signIn(address, await known())
    const stolen = await plainBrowser(server).open(back)
    assert.equal(stolen.status, 400)
    assert.match(stolen.text, /This sign-in is over/)
    const other = await begin()
    assert.equal((await other.browser.open(back)).status, 400)
    assertAtAccount(await browser.open(back))
  })

  it('counts once, and a second time leads back to the sign-in', async () => {
    const { browser, address } = await begin()
    const stranger = await known()
    const back = provider.signIn(address, stranger, { query: { code: 'none' } })
    assert.match((await browser.open(back)).text, /did not work/)
    const again = await browser.open(provider.signIn(address, stranger))
    assert.equal(again.status, 401)
    assert.match(again.text, /has been used before, or took too long/)
    assertAtAccount(await browser.open(provider.signIn(await goToProvider(browser, again), stranger)))
  })

  it('is good in each of two tabs for the sign-in of that tab', async () => {
    const first = await begin()
    const second = await begin(first.browser)
    const stranger = await known()
    const back = provider.signIn(first.address, stranger)
    assertAtAccount(await first.browser.open(back))
    assertAtAccount(await first.browser.open(provider.signIn(second.address, stranger)))
  })

  it('holds no code of another sign-in (code injection)', async () => {
    const victim = await begin()
    const stolen = new URL(provider.signIn(victim.address, await known()), 'http://x').searchParams
    const thief = await begin()
    const state = new URL(thief.address).searchParams.get('state') ?? ''
    const injected = new URLSearchParams({ code: stolen.get('code') ?? '', state, iss: provider.issuer })
    const answer = await thief.browser.open(`/ui/with/other/callback?${injected}`)
    assert.equal(answer.status, 401)
    assert.match(answer.text, /did not work/)
    assert.match((await thief.browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
  })

  const faults: Record<string, Parameters<typeof provider.signIn>[2]> = {
    'another nonce': { claims: { nonce: 'another' } },
    'no nonce': { claims: { nonce: undefined } },
    'another audience': { claims: { aud: 'somebody-else' } },
    'another issuer in its token': { claims: { iss: 'https://evil.example' } },
    'a token that is signed with another key': { isForged: true },
    'no person': { claims: { sub: undefined } },
    'an expired token': { claims: { exp: 1 } },
    'another issuer beside the code': { query: { iss: 'https://evil.example' } },
  }
  for (const [what, fault] of Object.entries(faults)) {
    it(`with ${what} signs nobody in, and leads on`, async () => {
      const stranger = await known()
      const { browser, address } = await begin()
      const answer = await browser.open(provider.signIn(address, stranger, fault))
      assertPage(answer, 401, 'http://localhost:5000')
      assert.match(answer.text, /The sign-in with Other did not work/)
      assert.doesNotMatch(answer.text, /evil|nonce|OAUTH/)
      providerForm(answer)
      assert.match((await browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
    })
  }

  it('that is of another provider counts for none (mix-up)', async () => {
    const { browser, address } = await begin()
    const back = provider.signIn(address, await known()).replace('/other/', '/untrusted/')
    assert.equal((await browser.open(back)).status, 400)
  })

  const refusals: Record<string, RegExp> = {
    access_denied: /You turned back at Other/,
    server_error: /Other cannot be reached right now/,
    '<script>alert(1)</script>': /did not work/,
  }
  for (const [error, text] of Object.entries(refusals)) {
    it(`that says ${error} leads back to the sign-in, and says nothing of that`, async () => {
      const { browser, address } = await begin()
      const state = new URL(address).searchParams.get('state') ?? ''
      const query = { error, error_description: 'SECRET words', state, iss: provider.issuer }
      const answer = await browser.open(`/ui/with/other/callback?${new URLSearchParams(query)}`)
      assert.match(answer.text, text)
      assert.doesNotMatch(answer.text, /SECRET|<script>/)
      providerForm(answer)
    })
  }

  it('that nobody has asked for is refused, whatever it says', async () => {
    for (const query of ['', '?state=none&code=none', '?state=a&state=b', `?state=${'a'.repeat(3000)}`]) {
      const answer = await plainBrowser(server).open(`/ui/with/other/callback${query}`)
      assert.equal(answer.status, 400, query)
      assertPage(answer, 400)
    }
    assert.equal((await plainBrowser(server).open('/ui/with/nobody/callback?state=a')).status, 400)
  })

  it('leads nowhere else, and the sign-in is begun by forms of ours alone', async () => {
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const action = providerForm(page)
    assert.match((await browser.post(action, { form: 'none' })).text, /out of date/)
    const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    assert.equal((await browser.post(action, {}, elsewhere)).status, 403)
    const address = await goToProvider(browser, page)
    const asked = new URL(address)
    assert.equal(asked.origin, provider.issuer)
    assert.equal(asked.searchParams.get('redirect_uri'), 'http://localhost:5000/ui/with/other/callback')
    assert.equal(asked.searchParams.get('code_challenge_method'), 'S256')
    const back = `${provider.signIn(address, await known())}&next=https://evil.example&redirect_uri=https://evil.example`
    assertAtAccount(await browser.open(back))
  })

  it('that comes by a form of the provider is led on to where the browser shows its cookies', async () => {
    const { browser, address } = await begin()
    const [path = '', query] = provider.signIn(address, await known()).split('?')
    const fields = { ...Object.fromEntries(new URLSearchParams(query)), user: '{"name":"x"}' }
    const headers = { 'sec-fetch-site': 'cross-site', origin: provider.issuer, cookie: '' }
    const posted = await browser.post(path, fields, headers)
    assert.equal(posted.status, 303)
    const location = posted.headers.get('location') ?? ''
    assert.match(location, /^\/ui\/with\/other\/callback\?/)
    assert.doesNotMatch(location, /user/)
    assertAtAccount(await browser.open(location))
  })

  it('for an account that is disabled signs nobody in', async () => {
    const stranger = await known()
    const { browser, address } = await begin()
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set disabled_at = 1 where email = '${stranger.email}'`,
    )
    const answer = await browser.open(provider.signIn(address, stranger))
    assert.match(answer.text, /did not work/)
    assert.match((await browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
  })

  it('says nothing of an address that is not proven there: the account of its owner is untouched', async () => {
    const { person } = await provenPerson(server)
    for (const email_verified of [false, undefined, 'no', 0]) {
      const stranger = freshStranger(person.email, { email_verified })
      const { page } = await signInWithProvider(both, stranger)
      assert.equal(page.status, 401)
      assert.match(page.text, /No account here is connected to this account at Other/)
      assert.deepEqual(await linksOf(stranger), [])
    }
  })

  it('takes over an account that was opened for the address by a stranger, and leaves them nothing in it', async () => {
    const email = await squat(server)
    const thief = await signInAtAccount(server, { username: email, password: squatted })
    const planted = freshStranger(freshEmail())
    const plant = await goToProvider(
      thief,
      await thief.open('/ui/account/security'),
      '/identities/other/connect',
    )
    assert.match((await thief.open(provider.signIn(plant, planted))).text, /Other signs you in from now on/)

    const owner = freshStranger(email)
    const { browser, page } = await signInWithProvider(both, owner)
    assert.match(page.text, /<h1>Create an account<\/h1>/)
    assertAtAccount(await browser.submit(page, {}))
    assert.match((await thief.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
    assert.deepEqual(await linksOf(planted), [])
    const back = await thief.submit(await thief.open('/ui/account'), {
      identifier: email,
      password: squatted,
    })
    assert.match(back.text, /is not right/)
    assertAtAccount((await signInWithProvider(both, owner)).page)
  })

  it('connects the account of the session alone that has asked for it (login CSRF)', async () => {
    const thief = (await provenPerson(server)).browser
    const planted = freshStranger(freshEmail())
    const page = await thief.open('/ui/account/security')
    const address = await goToProvider(thief, page, '/identities/other/connect')
    const back = provider.signIn(address, planted)
    const { browser: victim } = await provenPerson(server)
    assert.equal((await victim.open(back)).status, 400)
    assert.deepEqual(await linksOf(planted), [])
    const fields = { form: '' }
    assert.equal((await victim.post('/ui/account/identities/other/connect', fields)).status, 403)
  })

  it('connects nothing once somebody else has signed in to the browser', async () => {
    const { browser } = await provenPerson(server)
    const page = await browser.open('/ui/account/security')
    const address = await goToProvider(browser, page, '/identities/other/connect')
    const stranger = freshStranger(freshEmail())
    const other = await register(server)
    const signIn = await browser.open('/ui/account/sign-in')
    await browser.submit(signIn, { identifier: other.username, password: other.password })
    assert.equal((await browser.open(provider.signIn(address, stranger))).status, 400)
    assert.deepEqual(await linksOf(stranger), [])
  })

  it('is asked for no longer than the login lives', async () => {
    const { browser, address } = await begin()
    const back = provider.signIn(address, await known())
    server.clock.advance(11 * 60_000)
    assert.equal((await browser.open(back)).status, 400)
  })
})

onEveryEngine('answers that are not good', (engine) => {
  const both = useProvider(engine, { limits: { 'sign-in-address': 2, 'ticket-address': 2 } })
  const { server, provider } = both

  it('are counted as wrong passwords are, and good ones are not', async () => {
    const stranger = freshStranger(freshEmail())
    const { browser, page } = await signInWithProvider(both, stranger)
    assertAtAccount(await browser.submit(page, {}))
    for (let count = 0; count < 4; count++) assertAtAccount((await signInWithProvider(both, stranger)).page)
    const answers: number[] = []
    for (let count = 0; count < 3; count++) {
      const browser = plainBrowser(server)
      const address = await goToProvider(browser, await browser.open('/ui/account'))
      const back = provider.signIn(address, stranger, { isForged: true })
      answers.push((await browser.open(back)).status)
    }
    assert.deepEqual(answers, [401, 401, 429])
    const unknown: number[] = []
    for (let count = 0; count < 3; count++)
      unknown.push((await plainBrowser(server).open('/ui/with/other/callback?state=none')).status)
    assert.deepEqual(unknown, [400, 400, 429])
  })
})

onEveryEngine('a realm without other providers', (engine) => {
  const server = useServer(engine)

  it('has none of their routes and buttons', async () => {
    const browser = plainBrowser(server)
    assert.doesNotMatch((await browser.open('/ui/account')).text, /\/with\//)
    assert.equal((await browser.open('/ui/with/other/callback?state=a')).status, 404)
  })
})

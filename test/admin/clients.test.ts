import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute, select } from '../harness/database.ts'
import { register } from '../harness/doors.ts'
import { type Answer, useServer } from '../harness/harness.ts'
import { appBrowser } from '../openid/browser.ts'
import { issuer } from '../openid/harness.ts'
import { relyingParty, signIn } from '../openid/relying-party.ts'
import type { PlainBrowser } from '../pages/jar.ts'
import { operatorOf } from './operator.ts'

const base = '/admin/realms/main/clients'

describe('the page of clients', () => {
  const yaml = JSON.stringify({
    realms: {
      main: { openid: { clients: [{ id: 'declared', redirectUris: ['https://declared.example/cb'] }] } },
    },
  })
  const server = useServer('sqlite', { yaml })
  const trail = async () =>
    select(
      server.env.DATABASE_URL ?? '',
      `select event, client_id, note, actor from audit where realm = 'main' and event like 'client.%' order by id`,
    )
  const forget = () => execute(server.env.DATABASE_URL ?? '', `delete from audit where realm = 'main'`)
  const secretOn = ({ text }: Answer) => / id="secret" value="([\w-]{43})"/.exec(text)?.[1]
  /** Adds an app by its form, and returns the page that answers. */
  const addApp = async (browser: PlainBrowser, fields: Record<string, string>) =>
    browser.submit(await browser.open(`${base}/new?dialect=openid`), fields, `${base}/new`)

  it('shows what the settings file declares, says which file, and changes nothing of it', async () => {
    const { browser } = await operatorOf(server)
    const list = await browser.open(base)
    assert.match(list.text, /declared[\s\S]*Settings file/)
    assert.match(list.text, /aria-current="page">Clients/)
    const page = await browser.open(`${base}/openid/declared`)
    assert.equal(page.status, 200, page.text)
    assert.match(page.text, /This client is declared in the configuration: change it there\. \(.*\.yaml\)/)
    assert.doesNotMatch(page.text, /\/edit"|\/remove"/)
    await forget()
    const form = / name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const edited = await browser.post(`${base}/openid/declared/edit`, { form, name: 'Mine' })
    assert.equal(edited.status, 409)
    assert.match(edited.text, /change it there/)
    const removed = await browser.post(`${base}/openid/declared/remove`, { form, reason: 'it must go' })
    assert.equal(removed.status, 409)
    assert.deepEqual(await trail(), [])
  })

  it('adds an app of OpenID Connect, whose secret is shown once and lets people in at once', async () => {
    const { browser } = await operatorOf(server)
    await forget()
    const made = await addApp(browser, {
      name: 'Shop',
      id: 'shop',
      origins: 'https://shop.example\n\nhttps://www.shop.example ',
      redirectUris: 'https://shop.example/cb',
      'settings.postLogoutRedirectUris': 'https://shop.example/bye',
      'settings.firstParty': 'true',
    })
    assert.equal(made.status, 200, made.text)
    const secret = secretOn(made)
    assert.ok(secret, made.text)
    const page = await browser.open(`${base}/openid/shop`)
    assert.ok(!page.text.includes(secret))
    assert.match(page.text, /https:\/\/www\.shop\.example/)
    assert.match(page.text, /postLogoutRedirectUris<\/dt><dd>https:\/\/shop\.example\/bye/)
    assert.deepEqual(
      (await trail()).map(({ event, client_id }) => [event, client_id]),
      [['client.added', 'shop']],
    )
    const person = await register(server)
    const app = { id: 'shop', redirectUri: 'https://shop.example/cb', secret }
    const party = await relyingParty({ ...server, request: server.request, url: server.url, issuer }, app)
    const tokens = await signIn(party, appBrowser(server), person)
    assert.ok(tokens.id_token)
    assert.match((await browser.open(`${base}/openid/shop`)).text, /Live sessions<\/dt><dd>1</)
  })

  it('gives a new secret after a reason, and has the former one be good for as long as was said', async () => {
    const { browser } = await operatorOf(server)
    const before =
      secretOn(await addApp(browser, { id: 'rotated', redirectUris: 'https://r.example/cb' })) ?? ''
    await forget()
    const action = `${base}/openid/rotated/secret`
    const form = await browser.open(action)
    const wrong = await browser.submit(form, { overlapHours: '9999', reason: 'yearly' }, action)
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /0 to 2160 hours/)
    const made = await browser.submit(wrong, { overlapHours: '2', reason: 'yearly' }, action)
    const after = secretOn(made) ?? assert.fail(made.text)
    const [row, ...more] = await trail()
    assert.deepEqual(more, [])
    assert.deepEqual([row?.event, row?.note], ['client.secret_rotated', 'yearly'])
    assert.match(String(row?.actor), /^operator:/)
    const ask = async (secret: string) => {
      const authorization = `Basic ${Buffer.from(`rotated:${secret}`).toString('base64')}`
      const options = { form: { token: 'x' }, headers: { authorization } }
      return (await server.request('POST', '/oidc/introspect', options)).status
    }
    assert.deepEqual([await ask(before), await ask(after)], [200, 200])
    server.clock.advance(3 * 60 * 60_000)
    assert.deepEqual([await ask(before), await ask(after)], [401, 200])
  })

  it('changes what it has added by a form that shows it, keeps the secret, and removes it for a reason', async () => {
    const { browser } = await operatorOf(server)
    await addApp(browser, { id: 'changed', redirectUris: 'https://c.example/cb' })
    await forget()
    const form = await browser.open(`${base}/openid/changed/edit`)
    assert.match(form.text, />\nhttps:\/\/c\.example\/cb<\/textarea>/)
    const saved = await browser.submit(
      form,
      { name: 'Changed', redirectUris: 'https://c.example/other', 'settings.idTokenAlgorithm': 'ES256' },
      `${base}/openid/changed/edit`,
    )
    assert.match(saved.text, /The app is changed/)
    assert.match(saved.text, /https:\/\/c\.example\/other[\s\S]*ES256/)
    assert.doesNotMatch(saved.text, /No secret yet/)
    const removal = `${base}/openid/changed/remove`
    const confirm = await browser.open(removal)
    assert.match(confirm.text, /Changed \(openid changed\)/)
    assert.equal((await browser.submit(confirm, { reason: '' }, removal)).status, 422)
    const gone = await browser.submit(confirm, { reason: 'nobody uses it' }, removal)
    assert.match(gone.text, /The app is removed/)
    assert.equal((await browser.open(`${base}/openid/changed`)).status, 404)
    assert.deepEqual(
      (await trail()).map(({ event, note }) => [event, note]),
      [
        ['client.changed', null],
        ['client.removed', 'nobody uses it'],
      ],
    )
  })

  it('says what is wrong beside what was typed, by the rules of the settings file', async () => {
    const { browser } = await operatorOf(server)
    await forget()
    const cases: [Record<string, string>, RegExp][] = [
      [{ redirectUris: 'https://a.example/cb#x' }, /redirectUris\[0\] must be/],
      [{ origins: 'https://a.example/path' }, /origins\[0\] must be an origin/],
      [{ 'settings.jwks': '{' }, /jwks must be JSON/],
      [{ 'settings.scopes': 'a b' }, /scopes\[0\] must be a scope/],
      [{ id: 'declared' }, /There is an app declared of openid already/],
    ]
    for (const [fields, why] of cases) {
      const refused = await addApp(browser, {
        name: 'Typed before',
        redirectUris: 'https://a.example/cb',
        ...fields,
      })
      assert.ok([409, 422].includes(refused.status), refused.text)
      assert.match(refused.text, why)
      assert.match(refused.text, /value="Typed before"/)
    }
    assert.deepEqual(await trail(), [])
  })

  it('asks which door an app comes through, and makes an id in its form', async () => {
    const { browser } = await operatorOf(server)
    const doors = await browser.open(`${base}/new`)
    assert.match(doors.text, /Which door[\s\S]*dialect=pm2[\s\S]*dialect=openid/)
    const form = await browser.open(`${base}/new?dialect=pm2`)
    assert.match(form.text, /settings\.native/)
    const added = await browser.submit(form, { name: 'CLI', 'settings.native': 'true' }, `${base}/new`)
    assert.match(added.text, /The app is added/)
    assert.match(added.text, /Client id<\/dt><dd class="mono">\d{9}</)
  })

  it('shows support and auditors no button, and does nothing for them', async () => {
    for (const role of ['support', 'auditor'] as const) {
      const { browser } = await operatorOf(server, role)
      const page = await browser.open(`${base}/openid/declared`)
      assert.equal(page.status, 200)
      assert.doesNotMatch(page.text, /\/edit"|\/remove"|\/secret"/)
      assert.doesNotMatch((await browser.open(base)).text, /New app/)
      for (const path of ['/new?dialect=openid', '/openid/declared/edit', '/openid/declared/remove'])
        assert.equal((await browser.open(`${base}${path}`)).status, 403, path)
      const form = / name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
      for (const path of [
        '/new',
        '/openid/declared/edit',
        '/openid/declared/remove',
        '/openid/declared/secret',
      ])
        assert.equal(
          (await browser.post(`${base}${path}`, { form, dialect: 'openid', reason: 'x' })).status,
          403,
          path,
        )
    }
  })

  it('lists page by page, and says in Norwegian what there is', async () => {
    const { browser } = await operatorOf(server)
    const rows = Array.from(
      { length: 60 },
      (_, index) =>
        `('main', 'openid', 'many-${100 + index}', 'registered', '[]', '[]', null, '{"name":"x"}', '{}')`,
    )
    const columns = 'realm, dialect, id, kind, origins, redirect_uris, front_end_url, brand, settings'
    await execute(server.env.DATABASE_URL ?? '', `insert into clients (${columns}) values ${rows.join()}`)
    const first = await browser.open(base)
    const second = await browser.open(/href="([^"]+)"[^>]*>Next page/.exec(first.text)?.[1] ?? '')
    const idsOn = ({ text }: Answer) =>
      [...text.matchAll(/class="small mono">(many-\d+)</g)].map(([, id]) => id)
    const all = [...idsOn(first), ...idsOn(second)]
    assert.deepEqual([...new Set(all)].sort(), all)
    assert.equal(all.length, 60)
    browser.cookies.set('__Host-manydoors-language', 'nb')
    const norwegian = await browser.open(base)
    assert.match(norwegian.text, /Appene i dette riket/)
  })
})

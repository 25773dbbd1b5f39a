import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { toRow } from '../../../src/core/clients/clients.ts'
import { select } from '../../harness/database.ts'
import { register } from '../../harness/doors.ts'
import type { RequestOptions } from '../../harness/harness.ts'
import { withRealm } from '../../harness/realm.ts'
import { appBrowser } from '../browser.ts'
import { type OpenidServer, useOpenid } from '../harness.ts'
import { beginSignIn, relyingParty } from '../relying-party.ts'

const web = { id: 'web' }
const redirectUri = 'https://new.example/callback'
const machine = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }
const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code'

const behindProxy = { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' }

const registered = async (server: OpenidServer, metadata: Record<string, unknown> = {}) => {
  const json = { redirect_uris: [redirectUri], ...metadata }
  const { status, body, text } = await server.request('POST', '/oidc/register', { json })
  assert.equal(status, 201, text)
  return { id: String(body.client_id), secret: body.client_secret as string | undefined }
}

const kept = async (server: OpenidServer) =>
  Number(
    (await select(server.env.DATABASE_URL ?? '', 'select count(*) as count from openid_artifacts'))[0]?.count,
  )

// What they fill is counted in memory, the same for every database.
describe('strangers who have this server keep something', () => {
  const server = useOpenid('sqlite', {
    apps: [web],
    openid: { registration: 'open' },
    env: behindProxy,
    limits: { 'authorize-address': 3, 'registration-address': Number.POSITIVE_INFINITY },
  })
  const basic = ({ id, secret = '' }: { id: string; secret?: string | undefined }) => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  })
  let place = 0
  const isCounted = async (method: string, path: string, options: RequestOptions = {}) => {
    const headers = { ...options.headers, 'x-forwarded-for': `203.0.113.${++place}` }
    const before = await kept(server)
    const statuses: number[] = []
    for (let count = 0; count < 5; count++)
      statuses.push((await server.request(method, path, { ...options, headers })).status)
    return { statuses, kept: (await kept(server)) - before }
  }

  for (const path of ['/oidc/logout', '/oidc/device'])
    it(`are counted at ${path}, and what is kept for them is gone after an hour`, async () => {
      const { statuses, kept: rows } = await isCounted('GET', path)
      assert.deepEqual([statuses.slice(3), rows], [[429, 429], 3])
      const last = 'select max(expires_at) as last from openid_artifacts where account_id is null'
      const [row] = await select(server.env.DATABASE_URL ?? '', last)
      assert.ok(Number(row?.last) <= server.clock.now() + 60 * 60_000)
    })

  it('are counted where a browser is sent here', async () => {
    const { url } = await beginSignIn(await server.party('web'))
    const { statuses, kept: rows } = await isCounted('GET', `${url.pathname}${url.search}`)
    assert.deepEqual([statuses.slice(3), rows], [[429, 429], 3])
  })

  it('are counted with the secret of a client that they have registered themselves', async () => {
    const app = await registered(server, { grant_types: ['authorization_code', deviceCode] })
    const form = {
      client_id: app.id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    }
    const asking = { headers: basic(app) }
    const pushed = await isCounted('POST', '/oidc/par', { form, ...asking })
    assert.deepEqual([pushed.statuses, pushed.kept], [[201, 201, 201, 429, 429], 3])
    const devices = await isCounted('POST', '/oidc/device/code', { form: { scope: 'openid' }, ...asking })
    assert.deepEqual([devices.statuses, devices.kept], [[200, 200, 200, 429, 429], 3])
    const bot = await registered(server, machine)
    const grant = { form: { grant_type: 'client_credentials' }, headers: basic(bot) }
    const tokens = await isCounted('POST', '/oidc/token', grant)
    assert.deepEqual([tokens.statuses, tokens.kept], [[200, 200, 200, 429, 429], 3])
  })

  it('are not counted as a client that an operator has registered, which pushes what it likes', async () => {
    const form = {
      client_id: 'web',
      response_type: 'code',
      redirect_uri: 'https://web.example/callback',
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    }
    const { statuses } = await isCounted('POST', '/oidc/par', { form, headers: basic(server.app('web')) })
    assert.deepEqual(statuses, [201, 201, 201, 201, 201])
  })
})

describe('strangers who register clients', () => {
  const server = useOpenid('sqlite', {
    apps: [web],
    openid: { registration: 'open', allowPrivateAddresses: true },
    env: behindProxy,
    limits: { 'registration-address': 12 },
  })

  it('name none in a way that nobody sees, or that reads as something else', async () => {
    const person = await register(server)
    for (const client_name of ['   ', '\u3164', '\u2800', '\u200b', 'a\u202eb', 'a\u2028b']) {
      const { status, body } = await server.request('POST', '/oidc/register', {
        json: { redirect_uris: [redirectUri], client_name },
      })
      // Refused, or shown by its id.
      if (status === 400) continue
      const party = await relyingParty(server, {
        id: body.client_id,
        redirectUri,
        secret: body.client_secret,
      })
      const browser = appBrowser(server)
      let page = await browser.visit((await beginSignIn(party)).url)
      page = await browser.send(page, { identifier: person.email, password: person.password })
      assert.ok(page.text.includes(`<h1>${body.client_id} wants to use your account</h1>`), page.text)
    }
  })

  it('give one no rights by the prototype of what they say', async () => {
    const raw = `{"redirect_uris":["${redirectUri}"],"__proto__":{"introspect":true,"firstParty":true},"constructor":{"prototype":{"introspect":true}},"introspect":true,"settings":{"firstParty":true}}`
    const headers = { 'content-type': 'application/json' }
    const { status, body } = await server.request('POST', '/oidc/register', { raw, headers })
    assert.equal(status, 201)
    const where = `where id = '${body.client_id}'`
    const [row] = await select(server.env.DATABASE_URL ?? '', `select settings from clients ${where}`)
    const settings = JSON.parse(String(row?.settings))
    assert.equal(settings.firstParty, false)
    assert.equal(settings.introspect, undefined)
    assert.doesNotMatch(JSON.stringify(settings), /introspect|__proto__|constructor/)
    assert.equal(({} as { introspect?: boolean }).introspect, undefined)
  })

  it('have this server ask another one no more often than they may register', async (t) => {
    let asked = 0
    const victim = createServer((_request, response) => {
      asked++
      response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    t.after(() => victim.close())
    await new Promise((listening) => victim.once('listening', listening))
    const { port } = victim.address() as AddressInfo
    const json = {
      redirect_uris: [redirectUri],
      subject_type: 'public',
      sector_identifier_uri: `http://127.0.0.1:${port}/`,
    }
    const headers = { 'x-forwarded-for': '203.0.113.77' }
    const statuses = new Set<number>()
    for (let count = 0; count < 20; count++)
      statuses.add((await server.request('POST', '/oidc/register', { json, headers })).status)
    assert.deepEqual([...statuses], [400, 429])
    assert.ok(asked <= 12, `${asked} requests`)
  })

  it('register no more than every process can hold', async () => {
    await withRealm(server, async (ctx) => {
      await ctx.store.transaction(async (store) => {
        for (let count = 0; count < 2_000; count++)
          await store.clients.add(
            toRow({
              dialect: 'openid',
              id: `self-registered-${count}`,
              kind: 'registered',
              origins: [],
              redirectUris: [redirectUri],
              brand: { name: 'one of many' },
              settings: { firstParty: false, registered: { redirect_uris: [redirectUri] } },
            }),
          )
      })
    })
    await server.maintain()
    const refused = await server.request('POST', '/oidc/register', {
      json: { redirect_uris: [redirectUri] },
      headers: { 'x-forwarded-for': '203.0.113.99' },
    })
    assert.equal(refused.status, 503, refused.text)
    assert.ok(refused.headers.has('retry-after'))
    assert.deepEqual(refused.body.error, 'temporarily_unavailable')
  })
})

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { headersOf } from '../dialects/vastly/door.ts'
import { jsonOf } from '../harness/command.ts'
import { execute, type Row, select } from '../harness/database.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { sampleKey } from '../harness/master-keys.ts'

const password = 'correct horse battery staple'
const production = {
  NODE_ENV: 'production',
  MANYDOORS_SECRET: sampleKey(7).toString('base64'),
  MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
}

const yaml = `
metrics: off
realms:
  main:
    brand: { name: Example }
    dialects:
      minbil:
      credebl:
      vastly:
        clients:
          - { id: the-app, origins: [https://app.example.com] }
      pm2:
        clients:
          - { origins: [https://pm2.example.com], redirectUris: [https://pm2.example.com/back] }
          - { id: 'command-line', redirectUris: ['http://localhost:43532'], settings: { native: true } }
`

onEveryEngine('clients that the settings file declares', (engine) => {
  const server = useServer(engine, { env: production, yaml })

  it('can be used in production, and no others can', async () => {
    assert.equal(await registerAt(server, { id: 'the-app', origin: 'https://app.example.com' }), 201)
    assert.equal(await registerAt(server, { id: 'the-app', origin: 'http://localhost:3000' }), 403)
    const demo = { id: 'pSpisBrYn4yIP1vGILcdZ', origin: 'http://localhost:3000' }
    assert.equal(await registerAt(server, demo), 401)

    const authorize = async (client_id: string, redirect_uri: string) => {
      const query = new URLSearchParams({ client_id, redirect_uri, response_type: 'token' })
      return (await server.request('GET', `/api/oauth/authorize?${query}`)).status
    }
    assert.equal(await authorize('795984050', 'https://pm2.example.com/back'), 302)
    assert.equal(await authorize('command-line', 'http://localhost:50000'), 302)
    assert.equal(await authorize('138558311', 'http://localhost:43532'), 400)
    assert.equal(await authorize('795984050', 'https://app.keymetrics.io'), 400)
  })

  it('may be called by browsers from their origins alone', async () => {
    const allowed = async (path: string, origin: string) =>
      (await server.request('POST', path, { json: {}, headers: { origin } })).headers.get(
        'access-control-allow-origin',
      )
    assert.equal(await allowed('/api/oauth/token', 'https://pm2.example.com'), 'https://pm2.example.com')
    assert.equal(await allowed('/api/oauth/token', 'https://app.example.com'), null)
    assert.equal(await allowed('/api/v1/auth/login', 'https://app.example.com'), 'https://app.example.com')
  })

  it('stay when a command opens the database without that file', async () => {
    const before = await clientsOf(server)
    assert.ok(before.some(({ id }) => id === 'the-app'))
    const env = { ...server.env, MANYDOORS_CONFIG: '', ...productionOf(server) }
    await jsonOf({ env }, ['client', 'list'])
    assert.deepEqual(await clientsOf(server), before)
  })

  it('come and go with it; those that were registered by hand stay as they are', async () => {
    const url = server.env.DATABASE_URL ?? ''
    const values = `'main', 'vastly', 'by-hand', 'registered', '["https://hand.example.com"]', '[]', '{"name":"Hand"}', '{}'`
    await execute(
      url,
      `insert into clients (realm, dialect, id, kind, origins, redirect_uris, brand, settings) values (${values})`,
    )
    const hand = { id: 'by-hand', origin: 'https://hand.example.com' }

    const other = yaml
      .replace(
        '{ id: the-app, origins: [https://app.example.com] }',
        '{ id: new-app, origins: [https://new.example.com] }',
      )
      .replace(
        '- { id: new-app',
        '- { id: by-hand, origins: [https://other.example.com] }\n          - { id: new-app',
      )
    await writeFile(server.env.MANYDOORS_CONFIG ?? '', other)
    await server.restart()
    assert.equal(await registerAt(server, { id: 'new-app', origin: 'https://new.example.com' }), 201)
    assert.equal(await registerAt(server, { id: 'the-app', origin: 'https://app.example.com' }), 401)
    assert.equal(await registerAt(server, hand), 201)
    assert.equal(await registerAt(server, { ...hand, origin: 'https://other.example.com' }), 403)
    assert.ok(
      server.log.some(({ client, msg }) => client === 'by-hand' && /registered by hand/.test(String(msg))),
    )

    await writeFile(server.env.MANYDOORS_CONFIG ?? '', yaml)
    await server.restart()
    assert.equal(await registerAt(server, hand), 201)
    const byHand = (await clientsOf(server)).find(({ id }) => id === 'by-hand')
    assert.equal(byHand?.declared_at, null)
  })

  it('may be more than one statement holds', async () => {
    const apps = Array.from({ length: 3300 }, (_, index) => `          - { id: app-${index} }`)
    const before = (await clientsOf(server)).length
    await writeFile(
      server.env.MANYDOORS_CONFIG ?? '',
      yaml.replace('      pm2:', `${apps.join('\n')}\n      pm2:`),
    )
    await server.restart()
    assert.equal((await clientsOf(server)).length, before + apps.length)

    await writeFile(server.env.MANYDOORS_CONFIG ?? '', yaml)
    await server.restart()
    assert.equal((await clientsOf(server)).length, before)
  })
})

onEveryEngine('clients that are no longer declared when the clock has been set back', (engine) => {
  const server = useServer(engine, { env: production, yaml })
  const app = { id: 'the-app', origin: 'https://app.example.com' }
  const hour = 3_600_000

  it('are gone nevertheless, and come back with the file', async () => {
    assert.equal(await registerAt(server, app), 201)

    server.clock.advance(-hour)
    const without = yaml
      .replace('{ id: the-app, origins: [https://app.example.com] }', '{ id: new-app }')
      .replace('redirectUris: [https://pm2.example.com/back]', 'redirectUris: []')
    await writeFile(server.env.MANYDOORS_CONFIG ?? '', without)
    await server.restart()
    assert.equal(await registerAt(server, app), 401)
    const query = new URLSearchParams({
      client_id: '795984050',
      redirect_uri: 'https://pm2.example.com/back',
      response_type: 'token',
    })
    assert.equal((await server.request('GET', `/api/oauth/authorize?${query}`)).status, 400)
    const ids = (await clientsOf(server)).map(({ id }) => id)
    assert.deepEqual([ids.includes('the-app'), ids.includes('new-app')], [false, true])

    await writeFile(server.env.MANYDOORS_CONFIG ?? '', yaml)
    await server.restart()
    assert.equal(await registerAt(server, app), 201)
  })
})

describe('clients in development', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  main:
    dialects:
      vastly: { clients: [{ id: the-app, origins: [https://app.example.com] }] }
      credebl: { password: { minLength: 9 } }
      minbil: { clients: [{ brand: { name: My Cars, logoUrl: https://cars.example.com/logo.png } }] }
`,
  })

  it('are the demo ones at every door for which the file declares none', async () => {
    assert.equal(await registerAt(server, { id: 'the-app', origin: 'https://app.example.com' }), 201)
    const demo = { id: 'pSpisBrYn4yIP1vGILcdZ', origin: 'http://localhost:3000' }
    assert.equal(await registerAt(server, demo), 401)
    const { body } = await server.request('GET', '/auth/clientAliases')
    assert.deepEqual(
      body.data.map(({ id }: { id: string }) => id),
      ['VERIFIER'],
    )
  })

  it('are named in mails by their brand', async () => {
    const email = freshEmail()
    await server.request('POST', '/api/co/auth/sign-up', { json: { email, password } })
    const { text, html } = await server.mail(email, /^Confirm your e-mail/)
    assert.match(text, /My Cars/)
    assert.match(html, /https:\/\/cars\.example\.com\/logo\.png/)
  })
})

async function registerAt(server: TestServer, app: { id: string; origin: string }): Promise<number> {
  const json = { email: freshEmail(), password, passwordConfirm: password }
  const headers = headersOf(app)
  return (await server.request('POST', '/api/v1/auth/register', { json, headers })).status
}

function productionOf({ env }: TestServer): Record<string, string> {
  return Object.fromEntries(Object.keys(production).map((name) => [name, env[name] ?? '']))
}

function clientsOf({ env }: TestServer): Promise<Row[]> {
  return select(env.DATABASE_URL ?? '', 'select * from clients order by dialect, id')
}

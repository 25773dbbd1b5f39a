import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assertRefused, jsonOf, runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { sampleKey } from '../../harness/master-keys.ts'

/** What the commands of the document are about. */
const shopYaml = `
realms:
  main: { openid: { clients: [{ id: shop, redirectUris: ['https://shop.example.com/callback'] }] } }
`
const callback = 'https://shop.example.com/callback?from=login'

onEveryEngine('apps of OpenID Connect on the command line', (engine) => {
  const server = useServer(engine)
  const add = async (...args: string[]) => (await jsonOf(server, ['client', 'add', 'openid', ...args]))[0]
  const rowOf = async (id: string) => {
    const [row] = await select(server.env.DATABASE_URL ?? '', `select * from clients where id = '${id}'`)
    return row
  }

  it('get a secret that is shown once and kept as a hash', async () => {
    const { id, secret, issuer, redirectUris, settings } = await add('--redirect-uri', callback)
    assert.match(id, /^[2-9a-hjkmnp-z]{24}$/)
    assert.match(secret, /^[\w-]{43}$/)
    assert.deepEqual({ redirectUris, settings }, { redirectUris: [callback], settings: {} })
    assert.equal(issuer, 'http://localhost:5000')
    const row = await rowOf(id)
    assert.equal(row?.secret_hash, createHash('sha256').update(secret).digest('base64url'))
    assert.ok(!JSON.stringify(row).includes(secret))
    const { stdout } = await runCommand(server, ['client', 'show', 'openid', id])
    assert.match(stdout, /secretSetAt +\d{4}-/)
    assert.ok(!stdout.includes(secret) && !stdout.includes(String(row?.secret_hash)))
  })

  it('say in text, too, that the secret is shown only now', async () => {
    const { stdout } = await runCommand(server, ['client', 'add', 'openid', '--redirect-uri', callback])
    assert.match(stdout, /^secret +[\w-]{43}$/m)
    assert.match(stdout, /^The secret is shown only now\./m)
  })

  it('get another secret, and keep the one before it for as long as is said', async () => {
    const { id, secret } = await add('--redirect-uri', callback)
    const rotate = (...args: string[]) => jsonOf(server, ['client', 'secret', 'openid', id, ...args])
    const hashed = (text: string) => createHash('sha256').update(text).digest('base64url')
    const before = Date.now()
    const [{ secret: second }] = await rotate('--overlap', '7d')
    const row = await rowOf(id)
    assert.deepEqual([row?.secret_hash, row?.previous_secret_hash], [hashed(second), hashed(secret)])
    const days = (Number(row?.previous_secret_ends_at) - before) / 86_400_000
    assert.ok(days >= 7 && days < 7.01, `${days}`)

    const [{ secret: third }] = await rotate()
    const after = await rowOf(id)
    assert.deepEqual([after?.secret_hash, after?.previous_secret_hash], [hashed(third), null])
    const args = ['client', 'secret', 'openid', id, '--overlap', '1y']
    await assertRefused(server, args, /'1y' is invalid\. It must be a time from 1m to 90d/)
  })

  it('get none where they can keep none', async () => {
    const added = await add(
      '--id',
      'shop-app',
      '--public',
      '--native',
      '--redirect-uri',
      'com.example.shop:/callback',
      'http://127.0.0.1/callback',
    )
    assert.equal(added.secret, undefined)
    assert.deepEqual(added.settings, { native: true, authMethod: 'none' })
    assert.equal((await rowOf('shop-app'))?.secret_hash, null)
    const sentence = /^openid shop-app has no secret: its authMethod is none\n$/
    await assertRefused(server, ['client', 'secret', 'openid', 'shop-app'], sentence)
  })

  it('have everything that options say', async () => {
    const { settings, origins, brand, secret } = await add(
      ...['--name', 'Partner', '--redirect-uri', callback, '--origin', 'https://shop.example.com'],
      ...['--post-logout-redirect-uri', 'https://shop.example.com/', '--third-party'],
      ...['--grant', 'authorization_code', 'client_credentials', '--scope', 'openid', 'orders:read'],
      ...['--backchannel-logout-uri', 'https://shop.example.com/out', '--id-token-algorithm', 'ES256'],
      ...['--auth-method', 'client_secret_post', '--setting', '{"par":true}'],
    )
    assert.deepEqual(settings, {
      par: true,
      authMethod: 'client_secret_post',
      grants: ['authorization_code', 'client_credentials'],
      scopes: ['openid', 'orders:read'],
      firstParty: false,
      postLogoutRedirectUris: ['https://shop.example.com/'],
      backchannelLogoutUri: 'https://shop.example.com/out',
      idTokenAlgorithm: 'ES256',
    })
    assert.deepEqual(
      { origins, brand },
      { origins: ['https://shop.example.com'], brand: { name: 'Partner' } },
    )
    assert.ok(secret)
  })

  it('are listed with how they show who they are', async () => {
    await add('--id', 'by-key', '--grant', 'client_credentials', '--jwks-uri', 'https://a.example/jwks.json')
    const { stdout } = await runCommand(server, ['client', 'list'])
    const lines = stdout.split('\n').filter((line) => line.startsWith('openid'))
    assert.ok(lines.includes('openid  by-key  added  by-key  private_key_jwt  client_credentials'), stdout)
    const app =
      'openid  shop-app  added  shop-app  none  com.example.shop:/callback http://127.0.0.1/callback'
    assert.ok(lines.includes(app), stdout)
  })
})

describe('an app of OpenID Connect', () => {
  const server = useServer('sqlite')
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-keys-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))
  const keys = async (key: object) => {
    const file = join(folder, 'jwks.json')
    await writeFile(file, JSON.stringify({ keys: [key] }))
    return ['--grant', 'client_credentials', '--jwks', file]
  }
  const refused = (args: string[], sentence: RegExp) =>
    assertRefused(server, ['client', 'add', 'openid', ...args], sentence)

  it('shows who it is by its keys, where it has some', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = publicKey.export({ format: 'jwk' })
    const [{ settings, secret }] = await jsonOf(server, ['client', 'add', 'openid', ...(await keys(jwk))])
    assert.deepEqual(settings, {
      authMethod: 'private_key_jwt',
      jwks: { keys: [jwk] },
      grants: ['client_credentials'],
    })
    assert.equal(secret, undefined)
    const { d, ...rest } = privateKey.export({ format: 'jwk' })
    const ending = await runCommand(server, ['client', 'add', 'openid', ...(await keys({ ...rest, d }))])
    assert.match(ending.stderr, /^--jwks keys\[0\] is a private or shared key/)
    assert.ok(!ending.stderr.includes(String(d)))
  })

  it('is refused with the option named that is wrong', async () => {
    await refused(['--jwks', '/nowhere.json'], /^--jwks \/nowhere\.json cannot be read: /)
    await refused([], /^--redirect-uri is missing: the grant authorization_code needs one\n$/)
    await refused(
      ['--redirect-uri', 'com.example.a:/'],
      /^--redirect-uri com\.example\.a:\/ has the scheme of an app/,
    )
    await refused(
      ['--auth-method', 'magic', '--redirect-uri', callback],
      /^--auth-method magic must be one of /,
    )
    await refused(['--public', '--grant', 'client_credentials'], /^--grant has client_credentials, which /)
    await refused(
      ['--public', '--auth-method', 'none'],
      /'--public' cannot be used with option '--auth-method/,
    )
    await refused(
      ['--setting', '{"pkce":"never"}', '--redirect-uri', callback],
      /^--setting pkce must be one of/,
    )
    const sentence = /^--public is not a setting\n$/
    await assertRefused(server, ['client', 'add', 'vastly', '--public'], sentence)
  })
})

onEveryEngine('the token with which apps register themselves', (engine) => {
  const server = useServer(engine, { yaml: 'realms: { main: { openid: { registration: token } } }' })
  const register = (authorization?: string) =>
    server.request('POST', '/oidc/register', {
      json: { redirect_uris: [callback] },
      headers: { ...(authorization !== undefined && { authorization }) },
    })

  it('is made for a time, and wanted', async () => {
    const [{ token, expiresAt }] = await jsonOf(server, ['client', 'token', 'openid', '--lifetime', '2h'])
    const hours = (Date.parse(expiresAt) - Date.now()) / 3_600_000
    assert.ok(hours > 1.9 && hours <= 2, expiresAt)
    assert.equal((await register()).status, 401)
    assert.equal((await register(`Bearer ${'x'.repeat(43)}`)).status, 401)
    const registered = await register(`Bearer ${token}`)
    assert.equal(registered.status, 201, registered.text)
    const shown = await jsonOf(server, ['client', 'show', 'openid', registered.body.client_id])
    assert.deepEqual(shown[0].redirectUris, [callback])
    const stored = await select(server.env.DATABASE_URL ?? '', 'select * from openid_artifacts')
    assert.ok(!JSON.stringify(stored).includes(token))
  })

  it('is good until it expires, and is in the audit trail', async () => {
    const [{ token }] = await jsonOf(server, ['client', 'token', 'openid', '--lifetime', '1m'])
    await execute(server.env.DATABASE_URL ?? '', 'update openid_artifacts set expires_at = 1')
    assert.equal((await register(`Bearer ${token}`)).status, 401)
    const events = await jsonOf(server, ['audit', '--event', 'client.token_made'])
    assert.equal(events.length, 2)
  })

  it('is not made where nobody may register, or anybody', async () => {
    const { MANYDOORS_CONFIG: _token, ...env } = server.env
    await assertRefused({ env }, ['client', 'token', 'openid'], /^openid\.registration of realm main is off/)
    await assertRefused(server, ['client', 'token', 'vastly'], /^apps of vastly cannot register themselves/)
  })
})

describe('docs/openid.md', () => {
  const server = useServer('sqlite', { yaml: shopYaml })

  it('has commands that do what they say', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/openid.md'), 'utf8')
    const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
      .flatMap(([, block = '']) => block.replaceAll(/\\\n */g, '').split('\n'))
      .filter((line) => line.startsWith('npx manydoors client '))
    assert.equal(commands.length, 9)
    for (const command of commands) {
      const [, , ...args] = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, quoted, word]) => quoted ?? word ?? '',
      )
      const { code, stderr } = await runCommand(server, args)
      assert.equal(code, 0, `${command}: ${stderr}`)
    }
  })
})

describe('an app of OpenID Connect in production', () => {
  const partners = 'https://auth.partners.example.com'
  const server = useServer('sqlite', {
    env: {
      NODE_ENV: 'production',
      MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
      MANYDOORS_SECRET: sampleKey(7).toString('base64'),
    },
    yaml: `
realms:
  main: { openid: }
  partners: { hosts: [auth.partners.example.com], publicUrl: '${partners}' }
`,
  })

  it('is reached over https', () =>
    assertRefused(
      server,
      ['client', 'add', 'openid', '--redirect-uri', 'http://localhost:3000/cb'],
      /^--redirect-uri http:\/\/localhost:3000\/cb must be https in production\n$/,
    ))

  it('is not added where OpenID Connect is off, and it is said how to turn that on', () =>
    assertRefused(
      server,
      ['client', 'add', 'openid', '--realm', 'partners', '--redirect-uri', callback],
      /^realm partners has OpenID Connect off: write `openid:` below realms\.partners in manydoors\.yaml/,
    ))
})

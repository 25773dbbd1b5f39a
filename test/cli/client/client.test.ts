import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { dialects } from '../../../src/dialects/registry.ts'
import { post } from '../../dialects/vastly/door.ts'
import { assertRefused, jsonOf, runCommand } from '../../harness/command.ts'
import { select } from '../../harness/database.ts'
import { eventually } from '../../harness/events.ts'
import { freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'

onEveryEngine('clients on the command line', (engine) => {
  const server = useServer(engine)
  const origin = 'https://shop.example.com'
  let id: string

  const register = (clientId: string) => {
    const password = 'StrongPass123!'
    const json = { email: freshEmail(), password, passwordConfirm: password }
    return post(server, '/register', { json }, { id: clientId, origin })
  }

  it('are added with an id in the format of the dialect', async () => {
    const args = [
      'client',
      'add',
      'vastly',
      '--origin',
      origin,
      '--name',
      'Shop',
      '--setting',
      '{"codeLength":8}',
    ]
    const [added] = await jsonOf(server, args)
    id = added.id
    assert.match(id, /^[\dA-Za-z]{21}$/)
    const { isDeclared, kind, origins, brand, settings } = added
    assert.deepEqual(
      { isDeclared, kind, origins, brand, settings },
      {
        isDeclared: false,
        kind: 'registered',
        origins: [origin],
        brand: { name: 'Shop' },
        settings: { codeLength: 8 },
      },
    )
    const [pm2] = await jsonOf(server, ['client', 'add', 'pm2', '--redirect-uri', `${origin}/back`])
    assert.match(pm2.id, /^\d{9}$/)
    const [credebl] = await jsonOf(server, ['client', 'add', 'credebl', '--id', 'HOLDER'])
    assert.equal(credebl.id, 'HOLDER')
  })

  it('are known to a running server without a restart, to browsers too', async () => {
    const answer = await eventually('a server that knows the client', async () => {
      const answer = await register(id)
      return answer.status === 401 ? undefined : answer
    })
    assert.ok([200, 201].includes(answer.status), answer.text)
    assert.equal(answer.headers.get('access-control-allow-origin'), origin)
  })

  it('survive a restart unchanged', async () => {
    const stored = () => select(server.env.DATABASE_URL ?? '', `select * from clients where id = '${id}'`)
    const earlier = await stored()
    await server.restart()
    assert.deepEqual(await stored(), earlier)
    assert.notEqual((await register(id)).status, 401)
  })

  it('are listed beside those that the configuration declares', async () => {
    const listed = await jsonOf(server, ['client', 'list'])
    const own = listed.find((client) => client.id === id)
    assert.equal(own.isDeclared, false)
    const declared = listed.filter(({ isDeclared }) => isDeclared).map(({ dialect }) => dialect)
    assert.deepEqual(new Set(declared), new Set(dialects.map(({ door }) => door.dialect)))
  })

  it('get a secret that is shown once and stored as a hash, and can rotate it', async () => {
    const hashes = []
    for (const _ of [1, 2]) {
      const [{ secret }] = await jsonOf(server, ['client', 'secret', 'vastly', id])
      assert.match(secret, /^[\w-]{43}$/)
      const [row] = await select(server.env.DATABASE_URL ?? '', `select * from clients where id = '${id}'`)
      assert.ok(!JSON.stringify(row).includes(secret))
      assert.equal(row?.secret_hash, createHash('sha256').update(secret).digest('base64url'))
      hashes.push(row?.secret_hash)
    }
    assert.notEqual(hashes[0], hashes[1])
    await server.restart()
    const listed = await jsonOf(server, ['client', 'list'])
    const own = listed.find((client) => client.id === id)
    assert.ok(own.secretSetAt)
    assert.ok(!JSON.stringify(listed).includes(String(hashes[1])))
  })

  it('are removed, also from a running server at its next reload', async () => {
    await jsonOf(server, ['client', 'remove', 'vastly', id])
    await server.maintain()
    assert.equal((await register(id)).status, 401)
    const args = ['audit', '--client', id]
    const events = (await jsonOf(server, args))
      .filter(({ actor }) => actor === 'cli')
      .map(({ event }) => event)
    assert.deepEqual(events, [
      'client.added',
      'client.secret_rotated',
      'client.secret_rotated',
      'client.removed',
    ])
  })

  it('are refused when they are taken, declared or unknown', async () => {
    const refused = (args: string[], sentence: RegExp) => assertRefused(server, ['client', ...args], sentence)
    await refused(['add', 'credebl', '--id', 'verifier'], /^credebl has a client verifier already\n$/)
    await refused(
      ['remove', 'credebl', 'VERIFIER'],
      /^the configuration declares credebl VERIFIER: remove it/,
    )
    await refused(['secret', 'vastly', id], /^there is no client/)
  })
})

describe('options of client commands', () => {
  const nowhere = { env: {} }
  const wrong: [args: string[], sentence: RegExp][] = [
    [['add', 'nobody'], /^there is no dialect nobody: minbil, /],
    [['add', 'minbil'], /^minbil has a single client/],
    [['add', 'pm2', '--setting', '[1]'], /^--setting must be a JSON object/],
    [['add'], /missing required argument/],
  ]
  for (const [args, sentence] of wrong) {
    it(`refuse ${args.join(' ')}`, () => assertRefused(nowhere, ['client', ...args], sentence))
  }
})

describe('an invalid client', () => {
  const server = useServer('sqlite')
  const wrong: [option: string, value: string, sentence: string][] = [
    ['--id', '', '--id must be text'],
    ['--name', '', '--name must be text'],
    [
      '--origin',
      'shop.example',
      '--origin shop.example must be an origin such as https://app.example.com, or that of an app, such as capacitor://localhost: a scheme and a host in small letters and no path, never null or file:',
    ],
    ['--front-end-url', 'x', '--front-end-url x must be a URL such as https://app.example.com'],
    ['--setting', '{"nope":1}', '--setting nope is not a setting'],
    ['--setting', '{"codeLength":5}', '--setting codeLength must be a whole number from 6 to 10'],
  ]
  for (const [option, value, sentence] of wrong) {
    it(`has the option named that is wrong: ${option} '${value}'`, async () => {
      const ending = await runCommand(server, ['client', 'add', 'vastly', option, value])
      assert.deepEqual(ending, { code: 1, stdout: '', stderr: `${sentence}\n` })
    })
  }

  it('is refused with everything that is wrong', async () => {
    const args = [
      'add',
      'pm2',
      '--origin',
      'https://a.example/path',
      'b.example',
      '--redirect-uri',
      'https://a.example/?x',
      'https://a.example/ø',
      '--front-end-url',
      'https://bær.example',
    ]
    const { code, stderr } = await runCommand(server, ['client', ...args])
    assert.equal(code, 1)
    for (const what of [
      'https://a.example/path must be an origin',
      'b.example must be an origin',
      'https://a.example/?x must be an address',
      'https://a.example/ø must have ASCII characters alone: percent-encode the path, and write the host in punycode',
      'https://bær.example must have ASCII characters alone',
    ])
      assert.ok(stderr.includes(what), stderr)
  })
})

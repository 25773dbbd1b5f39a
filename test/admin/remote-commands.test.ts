import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Capability, capabilities } from '../../src/core/operators/capabilities.ts'
import { assertRefused, jsonOf, runCommand } from '../harness/command.ts'
import { execute, select } from '../harness/database.ts'
import { minbil } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { freshEmail, useServer } from '../harness/harness.ts'
import { type Receiver, startReceiver, toldTimes } from '../webhooks/receiver.ts'
import { programOf } from './programs.ts'

const reason = ['--reason', 'Asked for']
const nobody = '0198c0de-0000-7000-8000-000000000000'

describe('commands that one operation does', () => {
  // With limits, so that there is something to look up.
  const server = useServer('sqlite', { limits: 'real' })
  let folder: string
  let tokenFile: string
  let app: Receiver
  /** Of a machine that has nothing of the server: no data, no configuration. */
  const elsewhere = () => ({ env: { MANYDOORS_DATA: join(folder, 'nothing') }, now: server.clock.now })
  const here = () => ({ env: server.env, now: server.clock.now })
  const at = (...args: string[]) => ['--server', server.url, '--token-file', tokenFile, ...args]
  const there = (...args: string[]) => jsonOf(elsewhere(), at(...args))
  const linesOf = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand(elsewhere(), at(...args))
    assert.equal(code, 0, stderr)
    return stdout
  }
  const read = (sql: string) => select(server.env.DATABASE_URL ?? '', sql)
  const noteOf = async (event: string) =>
    (await read(`select note from audit where event = '${event}' order by id desc limit 1`))[0]?.note

  /** That a command prints the same here and there, for people and for programs. */
  const assertSame = async (...args: string[]) => {
    assert.deepEqual(await there(...args), await jsonOf(here(), args))
    assert.equal(await linesOf(...args), (await runCommand(here(), args)).stdout)
  }

  const tokenWith = async (name: string, scopes: Capability[]) => {
    const { token } = await programOf(server, scopes)
    const file = join(folder, name)
    await writeFile(file, token, { mode: 0o600 })
    return file
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-remote-'))
    tokenFile = await tokenWith('token', capabilities)
    app = await startReceiver()
  })
  after(async () => {
    await app?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('add, show, change and remove apps, whose secrets are shown once', async () => {
    const redirect = ['--redirect-uri', 'https://shop.example/callback']
    const add = ['client', 'add', 'openid', '--name', 'Shop', ...redirect]
    const [{ secret, ...shop }] = await there(...add, '--id', 'shop')
    const [{ secret: own, ...local }] = await jsonOf(here(), [...add, '--id', 'local'])
    assert.equal(secret.length, own.length)
    assert.deepEqual({ ...shop, id: 'local', secretSetAt: local.secretSetAt }, local)
    assert.match(await linesOf(...add), /^secret +\S{43}\n\nThe secret is shown only now/m)
    const [plain] = await there('client', 'add', 'vastly', '--origin', 'https://app.example')
    assert.deepEqual(
      [plain.origins, plain.secret, plain.issuer],
      [['https://app.example'], undefined, undefined],
    )
    await assertSame('client', 'list')
    await assertSame('client', 'show', 'openid', 'shop')
    await assertSame('client', 'show', 'vastly', plain.id)

    const rotated = await linesOf('client', 'secret', 'openid', 'shop', '--overlap', '7d', ...reason)
    assert.match(rotated, /^[\w-]{43}\n$/)
    assert.notEqual(rotated.trim(), secret)
    assert.equal(await noteOf('client.secret_rotated'), 'Asked for')
    assert.ok(!JSON.stringify(await there('client', 'show', 'openid', 'shop')).includes(rotated.trim()))

    await jsonOf(here(), ['client', 'remove', 'vastly', plain.id, '--reason', 'On the node'])
    assert.equal(await noteOf('client.removed'), 'On the node')
    assert.equal(await linesOf('client', 'remove', 'openid', 'shop', ...reason), 'openid shop is removed\n')
    await assertRefused(elsewhere(), at('client', 'show', 'openid', 'shop'), /^.*\(not_found\)\n$/)
  })

  it('say what is wrong with an app in the words of the server, and add none', async () => {
    const before = await read('select id from clients')
    for (const [args, sentence] of [
      [['client', 'add', 'nothing'], /^No app can be added to nothing in this realm\. \(refused\)\n$/],
      [['client', 'add', 'vastly', '--origin', 'no origin'], /^origins: .*\(validation_failed\)\n$/],
      [['client', 'add', 'openid', '--setting', '{"odd":1}'], /^settings\b.*odd.*\(validation_failed\)\n$/],
      [['client', 'add', 'openid', '--jwks', join(folder, 'none')], /^--jwks .*cannot be read/],
      [
        ['client', 'secret', 'openid', 'local', '--overlap', '90m', ...reason],
        /^--overlap is in whole hours/,
      ],
      [['client', 'remove', 'openid', '..', ...reason], /^no client is called "\.\."\n$/],
    ] as const)
      await assertRefused(elsewhere(), at(...args), sentence)
    assert.deepEqual(await read('select id from clients'), before)
  })

  it('list and change keys, in the realm that is named alone', async () => {
    await assertSame('keys', 'list')
    await assertSame('keys', 'list', '--realm', 'main')
    const keys = 'select id, activated_at, retired_at from signing_keys order by sequence'
    const before = await read(keys)
    const rotate = ['keys', 'rotate', '--realm', 'main']
    await assertRefused(elsewhere(), at(...rotate), /published for less than a day.*\(refused\)\n$/)
    await assertRefused(elsewhere(), at(...rotate, '--leaked'), /^reason: .*\(validation_failed\)\n$/)
    assert.deepEqual(await read(keys), before)
    await execute(
      server.env.DATABASE_URL ?? '',
      'update signing_keys set created_at = created_at - 90000000 where activated_at is null',
    )
    assert.match(
      await linesOf(...rotate),
      /^\S+ \(ES256\) signs in realm main from now on\.\n(.*\n)*What the key before it/,
    )
    const [{ rotated, replaced }] = await there(...rotate, '--leaked', ...reason)
    assert.equal(replaced, true)
    assert.deepEqual(Object.keys(rotated[0]), ['realm', 'key', 'algorithm'])
    assert.equal(await noteOf('keys.replaced'), 'Asked for')
  })

  it('set what may be set of a realm and of the server, and say who has', async () => {
    assert.equal(
      await linesOf('settings', 'set', 'brand.name', 'Far Away', ...reason),
      'brand.name is Far Away\n',
    )
    await there('settings', 'set', 'retention.audit', '400d', ...reason)
    await assertSame('settings', 'list')
    assert.match(await linesOf('settings', 'list'), /^brand\.name +Far Away +set here by token:\S+ at 2/m)
    assert.equal(await noteOf('settings.changed'), 'Asked for')
    await assertRefused(
      elsewhere(),
      at('settings', 'set', 'brand.accent', 'red', ...reason),
      /^value: It .*\(validation_failed\)\n$/,
    )
    await assertRefused(elsewhere(), at('settings', 'set', 'port', '1', ...reason), /\(not_found\)\n$/)
    assert.equal(
      await linesOf('settings', 'reset', 'brand.name', ...reason),
      'brand.name is as in the settings file\n',
    )
    await assertRefused(elsewhere(), at('settings', 'reset', 'brand.name', ...reason), /\(not_found\)\n$/)
  })

  it('look after endpoints, whose secrets are shown once, and after what they are told', async () => {
    const [{ secret, ...added }] = await there('webhook', 'add', app.url, '--description', 'Ours', ...reason)
    assert.match(secret, /^whsec_/)
    assert.equal(await noteOf('webhook.added'), 'Asked for')
    const { id } = added
    const edit = ['webhook', 'edit', id, ...reason]
    const [edited] = await there(...edit, '--event', 'session.*', 'webhook.test', '--description', '')
    const { description, ...undescribed } = added
    assert.equal(description, 'Ours')
    assert.deepEqual(edited, { ...undescribed, types: ['session.*', 'webhook.test'] })
    await assertSame('webhook', 'list')
    await assertSame('webhook', 'show', id)

    const [{ delivery }] = await there('webhook', 'test', id)
    await eventually('the test as delivered', async () => {
      const [row] = await read(`select state from webhook_deliveries where id = '${delivery}'`)
      return row?.state === 'delivered' ? row : undefined
    })
    await assertSame('webhook', 'deliveries', id)
    await assertSame('webhook', 'delivery', delivery)
    assert.equal(await linesOf('webhook', 'deliveries', id, '--state', 'failed'), '')
    assert.equal(
      await linesOf('webhook', 'resend', delivery),
      `${delivery} is sent once more, within seconds\n`,
    )
    assert.equal((await toldTimes(app, 2))[1]?.id, delivery)
    assert.deepEqual(await there('webhook', 'resend', id, '--failed', '--since', '2d'), [{ resent: 0 }])

    assert.match(await linesOf('webhook', 'pause', id), / is paused: what it is to be told waits\n$/)
    await assertSame('webhook', 'show', id)
    await assertRefused(elsewhere(), at('webhook', 'pause', id), /\(conflict\)\n$/)
    assert.match(await linesOf('webhook', 'resume', id), / is told again, within seconds\n$/)

    const good = async () =>
      (await read('select ends_at from webhook_secrets order by id')).map((row) => row.ends_at)
    assert.match(await linesOf('webhook', 'secret', id, ...reason), /^whsec_\S+\n$/)
    assert.equal((await good()).filter((end) => end === null).length, 1)
    const asLong = at('webhook', 'secret', id, '--overlap', '7d', ...reason)
    await assertRefused(elsewhere(), asLong, /^--overlap is 1d or 0 at a running server/)
    assert.equal((await good()).length, 2)
    await there('webhook', 'secret', id, '--overlap', '0', ...reason)

    assert.equal(await linesOf('webhook', 'remove', id, ...reason), `${id} is removed\n`)
    for (const args of [
      ['show', id],
      ['test', nobody],
      ['remove', nobody, ...reason],
      ['resend', nobody, '--failed'],
    ])
      await assertRefused(elsewhere(), at('webhook', ...args), /\(not_found\)\n$/)
    for (const args of [
      ['delivery', delivery],
      ['resend', nobody],
    ])
      await assertRefused(elsewhere(), at('webhook', ...args), /^there is no delivery \S+\n$/)
  })

  it('show and clear what an address has used of the limits', async () => {
    const person = { email: freshEmail(), password: 'not the right one' }
    assert.notEqual((await minbil.signIn(server, person)).status, 200)
    await assertSame('limits', 'show', person.email)
    const [account] = await there('limits', 'clear', person.email)
    assert.ok(account.cleared.length > 0)
    const subject = '127.0.0.1'
    const [{ address, cleared }] = await there('limits', 'clear', subject)
    assert.equal(address, subject)
    assert.ok(cleared.length > 0)
    const none = await runCommand(elsewhere(), at('limits', 'show', '203.0.113.77'))
    assert.deepEqual({ ...none }, { code: 0, stdout: '', stderr: 'nothing is counted for 203.0.113.77\n' })
    assert.equal(await linesOf('limits', 'clear', '203.0.113.77'), 'nothing was counted for 203.0.113.77\n')
  })

  it('open an account without a password, hand out what is held of it, and take its second steps off', async () => {
    const email = freshEmail()
    const create = ['account', 'create', '--email', email, '--verified', ...reason]
    await assertRefused(
      elsewhere(),
      at(...create),
      /^a server is told no password .*--without-password\n$/,
      'a secret\n',
    )
    const [made] = await there(...create, '--without-password')
    assert.equal(made.email, email)
    assert.ok(made.emailVerifiedAt)
    assert.deepEqual(
      await read(`select password_hash from accounts where id = '${made.id}'`).then(([row]) => ({ ...row })),
      {
        password_hash: null,
      },
    )
    const [own] = await jsonOf(here(), ['account', 'create', '--email', freshEmail(), '--without-password'])
    assert.deepEqual([own.hasPassword, own.password], [false, undefined])
    await assertRefused(elsewhere(), at(...create, '--without-password'), /\(email_taken\)\n$/)

    const file = JSON.parse(await linesOf('account', 'export', email, ...reason))
    assert.equal(file.account.id, made.id)
    const local = JSON.parse((await runCommand(here(), ['account', 'export', email])).stdout)
    assert.deepEqual({ ...file, exportedAt: local.exportedAt, audit: local.audit }, local)
    assert.equal(await noteOf('account.exported'), null)

    const remove = ['account', 'remove-passkeys', email, ...reason]
    await assertRefused(elsewhere(), at(...remove), /\(conflict\)\n$/)
    await execute(
      server.env.DATABASE_URL ?? '',
      `insert into passkeys (realm, id, account_id, rp_id, public_key, counter, transports, aaguid, backup_eligible,
         backed_up, name, created_at)
       values ('main', 'key-1', '${made.id}', 'localhost', '', 0, '[]', '', 0, 0, 'Key', 1)`,
    )
    assert.match(await linesOf(...remove), / has no passkey any more; its sessions have ended\n/)
    await assertRefused(
      elsewhere(),
      at('account', 'remove-second-factor', email, ...reason),
      /\(conflict\)\n$/,
    )
  })

  it('touch no account where a name means two', async () => {
    const made = () => jsonOf(here(), ['account', 'create', '--email', freshEmail(), '--without-password'])
    const [[one], [other]] = [await made(), await made()]
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set username = '${one.id}', username_key = '${one.id}' where id = '${other.id}'`,
    )
    const disable = at('account', 'disable', one.id, ...reason)
    await assertRefused(
      elsewhere(),
      disable,
      /is the id of one account and a name of another: say another name\n$/,
    )
    assert.deepEqual(await read('select id from accounts where disabled_at is not null'), [])
  })

  it('say that a file has broken off, and end with 1', async () => {
    const account = { id: 'x', email: 'x@example.com', isDisabled: false, createdAt: '', hasPasskey: false }
    const names = ['username', 'emailVerifiedAt', 'phone', 'phoneVerifiedAt', 'deletionDueAt', 'lastSignInAt']
    const item = {
      ...account,
      hasAuthenticator: false,
      ...Object.fromEntries(names.map((name) => [name, null])),
    }
    const broken = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      if (request.method === 'GET')
        return response.end(JSON.stringify({ items: [item], next: null, previous: null }))
      response.write('{"half":', () => response.destroy())
    })
    await new Promise<void>((listening) => broken.listen(0, '127.0.0.1', listening))
    const { port } = broken.address() as { port: number }
    const url = `http://127.0.0.1:${port}`
    const args = ['--server', url, '--token-file', tokenFile, 'account', 'export', 'x', ...reason]
    const ending = await runCommand(elsewhere(), args)
    broken.close()
    assert.deepEqual([ending.code, ending.stderr], [1, `${url} has broken off: what has come is not whole\n`])
  })

  it('refuse what a server cannot do before they ask it anything', async () => {
    const nowhere = (...args: string[]) => [
      '--server',
      'http://127.0.0.1:65535',
      '--token-file',
      tokenFile,
      ...args,
    ]
    for (const [args, sentence] of [
      [['keys', 'rotate'], /^a server changes the keys of one realm at a time: name it with --realm\n$/],
      [['keys', 'rotate', '--realm', 'main', '--force'], /^--force works on the node only/],
      [['keys', 'rotate', '--realm', 'main', ...reason], /^--reason works on the node only/],
      [['keys', 'reseal'], /^keys reseal works on the node only/],
      [['client', 'token', 'openid'], /^client token works on the node only/],
      [['account', 'keep', 'x'], /^account keep works on the node only/],
      [['account', 'create', '--email', 'x@example.com', '--generate'], /^--generate works on the node only/],
      [['account', 'create', '--username', 'someone', '--without-password'], /^give --email or --phone/],
      [['account', 'export', '--all'], /^--all works on the node only/],
      [['account', 'export'], /^name an account/],
      [['webhook', 'types'], /^webhook types works on the node only/],
    ] as const)
      await assertRefused(elsewhere(), nowhere(...args), sentence)
  })

  it('are refused in one line without the scope, and without a reason, and write nothing', async () => {
    const email = freshEmail()
    await there('account', 'create', '--email', email, '--without-password', ...reason)
    const [{ id: hook }] = await there('webhook', 'add', app.url, ...reason)
    await there('client', 'add', 'pm2', '--id', 'kept')
    const tables = [
      'accounts',
      'clients',
      'webhooks',
      'webhook_secrets',
      'webhook_deliveries',
      'signing_keys',
      'settings',
    ]
    const state = async () => {
      const events = `select event from audit where event <> 'request.refused' order by id`
      return [
        await read(events),
        ...(await Promise.all(tables.map((table) => read(`select * from ${table}`)))),
      ]
    }
    const wanting = [
      ['client', 'remove', 'pm2', 'kept'],
      ['client', 'secret', 'openid', 'local'],
      ['keys', 'rotate', '--realm', 'main', '--leaked'],
      ['settings', 'set', 'brand.name', 'Mine'],
      ['settings', 'reset', 'brand.name'],
      ['webhook', 'add', 'https://app.example/hook'],
      ['webhook', 'edit', hook, '--description', 'Mine'],
      ['webhook', 'remove', hook],
      ['webhook', 'secret', hook],
      ['account', 'create', '--email', freshEmail(), '--without-password'],
      ['account', 'export', email],
    ]
    const others = [
      ['client', 'list'],
      ['client', 'show', 'pm2', 'kept'],
      ['client', 'add', 'pm2', '--id', 'other'],
      ['keys', 'list'],
      ['keys', 'rotate', '--realm', 'main'],
      ['settings', 'list'],
      ['webhook', 'list'],
      ['webhook', 'pause', hook],
      ['webhook', 'test', hook],
      ['webhook', 'deliveries', hook],
      ['webhook', 'resend', hook, '--failed'],
      ['limits', 'show', '127.0.0.1'],
      ['limits', 'clear', '127.0.0.1'],
    ]
    // An account is found by its name first.
    const weak = await tokenWith('weak', ['accounts.read'])
    const before = await state()
    const asWeak = (...args: string[]) => ['--server', server.url, '--token-file', weak, ...args]
    for (const args of [...wanting.map((args) => [...args, ...reason]), ...others])
      await assertRefused(elsewhere(), asWeak(...args), /^[^\n]*scope[^\n]*\(not_allowed\)\n$/)
    for (const args of wanting)
      await assertRefused(elsewhere(), at(...args), /^reason: [^\n]*\(validation_failed\)\n$/)
    assert.deepEqual((await state()).slice(1), before.slice(1))
    // The token that was made for this is told of in the trail of operators.
    assert.deepEqual((await state())[0], before[0])
  })
})

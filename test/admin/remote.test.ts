import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assertRefused, jsonOf, runCommand } from '../harness/command.ts'
import { select } from '../harness/database.ts'
import { useServer } from '../harness/harness.ts'
import { programOf } from './programs.ts'

describe('commands at a running server', () => {
  const server = useServer('sqlite')
  let folder: string
  let tokenFile: string
  let tokenId: string
  /** Of a machine that has nothing of the server: no data, no configuration. */
  const elsewhere = () => ({ env: { MANYDOORS_DATA: join(folder, 'nothing') }, now: server.clock.now })
  const at = (...args: string[]) => ['--server', server.url, '--token-file', tokenFile, ...args]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-remote-'))
    tokenFile = join(folder, 'token')
    const { token, id } = await programOf(server)
    tokenId = id
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600 })
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('do there what they do on its node, and print the same', async () => {
    const invited = await runCommand(
      elsewhere(),
      at('operator', 'invite', 'far@example.com', '--role', 'support', '--reason', 'Joins'),
    )
    assert.equal(invited.code, 0, invited.stderr)
    assert.match(invited.stdout, /\/admin\/invitation\/\S+\n\nIt is good once/)
    const [row] = await select(
      server.env.DATABASE_URL ?? '',
      `select actor, note from audit where event = 'operator.invited' order by id desc limit 1`,
    )
    assert.deepEqual({ ...row }, { actor: `token:${tokenId}`, note: 'Joins' })
    const here = { env: server.env, now: server.clock.now }
    for (const args of [
      ['operator', 'list'],
      ['operator', 'token', 'list'],
    ]) {
      assert.deepEqual(await jsonOf(elsewhere(), at(...args)), await jsonOf(here, args))
      assert.equal((await runCommand(elsewhere(), at(...args))).stdout, (await runCommand(here, args)).stdout)
    }
  })

  it('take server and token file from the environment, which servers do not mind', async () => {
    const names = { MANYDOORS_SERVER: `${server.url}/`, MANYDOORS_TOKEN_FILE: tokenFile }
    const ending = await runCommand({ env: { ...elsewhere().env, ...names } }, ['operator', 'token', 'list'])
    assert.equal(ending.code, 0, ending.stderr)
    const local = { ...server.env, MANYDOORS_TOKEN_FILE: tokenFile }
    assert.equal((await runCommand({ env: local }, ['operator', 'list'])).code, 0)
  })

  it('say that they work on the node only where there is no such operation', async () => {
    await assertRefused(
      elsewhere(),
      at('migrate'),
      /^migrate works on the node only: run it there, without --server/,
    )
    await assertRefused(elsewhere(), at('database', 'x'), /there is no command database/)
    await assertRefused(elsewhere(), at('client', 'token', 'openid'), /^client token works on the node only/)
  })

  it('say in the words of the server why it refuses them', async () => {
    await assertRefused(
      elsewhere(),
      at('operator', 'invite', 'x@example.com', '--role', 'owner'),
      /^reason: .*\(validation_failed\)$/m,
    )
    await assertRefused(
      elsewhere(),
      at('operator', 'disable', 'nobody@example.com', '--reason', 'Gone'),
      /there is no operator nobody@example\.com/,
    )
    const weak = await programOf(server, ['health.read'])
    const file = join(folder, 'weak')
    await writeFile(file, weak.token, { mode: 0o600 })
    const asWeak = ['--server', server.url, '--token-file', file]
    await assertRefused(elsewhere(), [...asWeak, 'operator', 'list'], /scope.*\(not_allowed\)/)
    await jsonOf(elsewhere(), at('operator', 'token', 'revoke', weak.id, '--reason', 'Leaked'))
    await assertRefused(elsewhere(), [...asWeak, 'operator', 'list'], /revoked.*\(token_invalid\)/)
  })

  it('show a token to nobody but that server, and not in the clear', async () => {
    const list = (url: string, file = tokenFile) => [
      '--server',
      url,
      '--token-file',
      file,
      'operator',
      'list',
    ]
    await assertRefused(elsewhere(), list('http://admin.example.com'), /in the clear: use https/)
    await assertRefused(elsewhere(), list('ftp://localhost'), /is no address of a server/)
    await assertRefused(elsewhere(), list('https://user:pass@localhost'), /by its address alone/)
    await assertRefused(elsewhere(), list('http://127.0.0.1:65535'), /cannot be reached: .*ECONNREFUSED/)
    await assertRefused(elsewhere(), list(server.url, join(folder, 'none')), /the token cannot be read/)
    await assertRefused(elsewhere(), ['--server', server.url, 'operator', 'list'], /name the file/)
    const open = join(folder, 'open')
    await writeFile(open, await readFile(tokenFile))
    await chmod(open, 0o644)
    await assertRefused(elsewhere(), list(server.url, open), /can be read by others: chmod 600/)
    const odd = join(folder, 'odd')
    await writeFile(odd, 'secret of something else', { mode: 0o600 })
    await assertRefused(elsewhere(), list(server.url, odd), /holds no token of the admin API/)
  })

  it('write a new token into a file that nobody else may read, and print it nowhere', async () => {
    const out = join(folder, 'new-token')
    const args = [
      'operator',
      'token',
      'make',
      'nightly',
      '--scope',
      'health.read',
      '--days',
      '7',
      '--out',
      out,
      '--reason',
      'Night',
    ]
    const made = await runCommand(elsewhere(), at(...args))
    assert.equal(made.code, 0, made.stderr)
    const token = (await readFile(out, 'utf8')).trim()
    assert.match(token, /^mda_[\w-]{43}$/)
    assert.ok(!made.stdout.includes(token))
    assert.equal((await stat(out)).mode & 0o777, 0o600)
    await assertRefused(elsewhere(), at(...args), /exists: name a new file/)
  })
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  assertAlive,
  assertRefreshRefused,
  assertSuccess,
  openAccount,
  openSession,
  requestSecret,
  type Session,
  signInAgain,
  tokensOf,
} from '../../contract/support.ts'
import { adapters } from '../../dialects/adapters.ts'
import { minbil } from '../../dialects/minbil/adapter.ts'
import {
  beginLogin,
  redirectUri,
  refreshTokenOf,
  register as registerAtPm2,
} from '../../dialects/pm2/door.ts'
import {
  freshPhone,
  register as registerPhone,
  resetBySms,
  sentCode,
  tokenOf,
} from '../../dialects/vastly/door.ts'
import {
  answerChallenge,
  challengeFor,
  codeAt,
  confirm,
  enrol,
  nextCode,
  registerAndSignIn,
  registerWithSecondFactor,
  tokensOf as tokensOfWolfpal,
  toNextStep,
} from '../../dialects/wolfpal/door.ts'
import { jsonOf, runCommand } from '../../harness/command.ts'
import { select } from '../../harness/database.ts'
import { type Engine, onEveryEngine, startTestServer, type TestServer } from '../../harness/harness.ts'
import { joinMailboxes } from '../../harness/mailboxes.ts'
import { type GivenKeys, keyVariables, newMasterKey, restartWith } from '../../harness/master-keys.ts'
import { assertProven, browse } from '../../pages/visitor.ts'

const refreshing = adapters.filter((dialect) => dialect.refreshing)

/** What `keys list` says of the master keys. */
async function listMasterKeys(server: TestServer) {
  const [{ masterKeys }] = await jsonOf(server, ['keys', 'list'])
  return masterKeys
}

/** One server on SQLite, two on PostgreSQL that are given new keys one after the other. */
async function startNodes(engine: Engine, keys: GivenKeys): Promise<TestServer[]> {
  const env = keyVariables(keys)
  const first = await startTestServer(engine, { env })
  if (engine === 'sqlite') return [first]
  const nodes = [first, await startTestServer(engine, { env, beside: first })]
  const joined = joinMailboxes(nodes)
  for (const server of nodes) Object.assign(server, joined)
  return nodes
}

onEveryEngine('a new master key', (engine) => {
  const [old, fresh] = [newMasterKey(), newMasterKey()]
  const nodes: TestServer[] = []
  const node = (index: number): TestServer => nodes[index % nodes.length] ?? assert.fail()
  before(async () => {
    nodes.push(...(await startNodes(engine, { primary: old })))
  })
  after(async () => {
    for (const server of nodes.reverse()) await server.close()
  })

  /** Of each dialect one that is used all the time, and one that is not used until the old key is gone. */
  const used = new Map<string, Session>()
  const unused = new Map<string, Session>()
  let person: Awaited<ReturnType<typeof registerWithSecondFactor>>
  let turn = 0

  /** Everything that a person may want, at whatever node comes next. */
  const everythingWorks = async () => {
    for (const dialect of adapters) {
      const session = used.get(dialect.name) ?? assert.fail()
      if (!dialect.refreshing) {
        assertSuccess(await dialect.ask(node(turn++), session.access))
        continue
      }
      const tokens = tokensOf(await dialect.refreshing.refresh(node(turn++), session.refresh))
      if (dialect.refreshing.rotation === 'static') assert.equal(tokens.refresh, session.refresh)
      used.set(dialect.name, { ...session, ...tokens })
      await assertAlive(dialect, node(turn++), await signInAgain(dialect, node(turn++), session))
    }
    for (const code of [nextCode(node(0), person.secret), person.backupCodes.shift() ?? assert.fail()]) {
      const challenge = await challengeFor(node(turn++), person)
      tokensOfWolfpal(await answerChallenge(node(turn++), challenge, code))
    }
  }
  const giveAll = async (keys: GivenKeys) => {
    for (const server of nodes) {
      await restartWith(server, keys)
      await everythingWorks()
    }
  }
  const maintainAll = () => Promise.all(nodes.map((server) => server.maintain()))

  it('is not needed while there is none', async () => {
    for (const dialect of adapters) {
      used.set(dialect.name, await openSession(dialect, node(turn++)))
      unused.set(dialect.name, await openSession(dialect, node(turn++)))
    }
    person = await registerWithSecondFactor(node(0))
    await everythingWorks()
    // Keys of RS256 are made with the first use of OpenID Connect.
    await node(0).request('GET', '/.well-known/openid-configuration')
    const [only, ...others] = await listMasterKeys(node(0))
    assert.deepEqual(others, [])
    const { signingKeys, authenticators, recoveryCodes, role } = only
    assert.deepEqual(
      { signingKeys, authenticators, recoveryCodes, role },
      {
        signingKeys: 4,
        authenticators: 1,
        recoveryCodes: 9,
        role: 'primary',
      },
    )
  })

  it('is accepted before anything uses it', async () => {
    await giveAll({ primary: old, next: fresh })
    await maintainAll()
    await everythingWorks()
    const [current, next] = await listMasterKeys(node(0))
    assert.deepEqual(
      [current.role, current.authenticators, next.role, next.authenticators],
      ['primary', 1, 'next', 0],
    )
  })

  it('replaces the old one under requests in flight', async () => {
    const mailed = await openAccount(minbil, node(0))
    const secret = await requestSecret(minbil.recovery ?? assert.fail(), node(0), mailed.email)
    const mobile = freshPhone()
    await registerPhone(node(0), { mobile })
    const code = await sentCode(node(0), mobile)
    const visitor = await registerAtPm2(node(0))
    const cookie = await beginLogin(node(0))
    const page = await browse(node(0), cookie).open('/ui/sign-in')

    await giveAll({ primary: fresh, previous: old })
    assertSuccess(
      await (minbil.recovery ?? assert.fail()).reset(node(1), {
        ...mailed,
        password: 'another password',
        secret,
      }),
    )
    tokenOf(await resetBySms(node(1), { token: code }))
    const submitted = await browse(node(1), cookie).submit(page, {
      identifier: visitor.email,
      password: visitor.password,
    })
    refreshTokenOf(await browse(node(1), cookie).open(assertProven(submitted)), redirectUri)
  })

  it('reseals what is being changed at the same time, and loses neither', async () => {
    for (const server of nodes) await restartWith(server, { primary: old, next: fresh })
    const pending = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { access } = await registerAndSignIn(node(0))
        return { access, ...(await enrol(node(0), access)) }
      }),
    )
    for (const server of nodes) await restartWith(server, { primary: fresh, previous: old })
    toNextStep(node(0))
    const [answers] = await Promise.all([
      Promise.all(pending.map(({ access, secret }) => confirm(node(1), access, codeAt(node(1), secret)))),
      maintainAll(),
    ])
    for (const answer of answers) assert.equal(answer.status, 200, answer.text)
    await maintainAll()
    await everythingWorks()
  })

  it('reseals everything, and `keys list` shows what depends on the old one', async () => {
    const [current, previous] = await listMasterKeys(node(0))
    assert.deepEqual([current.role, previous.role], ['primary', 'previous'])
    assert.deepEqual(
      [previous.signingKeys, previous.authenticators, previous.lastingKeys, previous.isRemovable],
      [0, 0, 0, false],
    )
    assert.deepEqual([current.signingKeys, current.authenticators, current.lastingKeys], [4, 9, 1])
    // Those that nobody has used since, and the one whose refresh token never changes.
    assert.ok(previous.sessions >= unused.size + 1, `${previous.sessions}`)
    assert.ok(previous.sessionsEndAt > node(0).clock.now())
    const { stdout } = await runCommand(node(0), ['keys', 'list'])
    assert.match(
      stdout,
      new RegExp(`^${previous.id} seals nothing any more\\. Sessions .*: ${previous.sessions}\\.$`, 'm'),
    )
    const columns = await select(node(0).env.DATABASE_URL ?? '', 'select sealed_under from totp')
    assert.deepEqual(new Set(columns.map((row) => row.sealed_under)), new Set([current.id]))
  })

  it('works without the old one, with every session that was refreshed and every recovery code', async () => {
    used.delete('pm2')
    const [pm2] = adapters.filter(({ name }) => name === 'pm2')
    const staticSession = await openSession(pm2 ?? assert.fail(), node(0))
    used.set('pm2', staticSession)
    await giveAll({ primary: fresh })
    const masterKeys = await listMasterKeys(node(0))
    assert.equal(masterKeys[0].role, 'primary')
    assert.deepEqual(
      masterKeys
        .slice(1)
        .map((use: { role: string; authenticators: number }) => [use.role, use.authenticators]),
      [['gone', 0]],
    )
  })

  it('ends sessions last used under the old one', async () => {
    for (const dialect of refreshing) {
      const session = unused.get(dialect.name) ?? assert.fail()
      assertRefreshRefused(
        dialect,
        (await dialect.refreshing?.refresh(node(turn++), session.refresh)) ?? assert.fail(),
      )
    }
  })
})

describe('a wrong master key', () => {
  it('refuses to start', async () => {
    const [old, fresh] = [newMasterKey(), newMasterKey()]
    const server = await startTestServer('sqlite', { env: keyVariables({ primary: old }) })
    await registerWithSecondFactor(server)
    await assert.rejects(
      startTestServer('sqlite', { beside: server, env: keyVariables({ primary: fresh }) }),
      /^ConfigError: The configuration cannot be used:\n {2}- the master key .* is not the one /,
    )
    await server.close()
  })
})

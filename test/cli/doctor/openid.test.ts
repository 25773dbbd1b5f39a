import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePort } from '../../global-setup.ts'
import { jsonOf } from '../../harness/command.ts'
import { execute } from '../../harness/database.ts'
import { createData, onEveryEngine, type TestData } from '../../harness/harness.ts'
import { type Program, startProgram } from '../../harness/program.ts'
import { examine } from './examination.ts'

onEveryEngine('doctor, on OpenID Connect', (engine) => {
  let data: TestData
  let program: Program
  let env: Record<string, string>

  before(async () => {
    data = await createData(engine)
    const port = await freePort()
    env = {
      ...data.env,
      PORT: `${port}`,
      MANYDOORS_PUBLIC_URL: `http://127.0.0.1:${port}`,
      MANYDOORS_SECRET: randomBytes(32).toString('base64'),
    }
    program = await startProgram(env)
  })
  after(async () => {
    await program?.kill()
    await data?.drop()
  })
  const add = (...args: string[]) =>
    jsonOf({ env }, ['client', 'add', 'openid', '--redirect-uri', 'https://a.example/cb', ...args])

  it('finds the issuer that discovery names, keys of both algorithms, and apps that can be used', async () => {
    await add('--id', 'good', '--scope', 'openid', 'email')
    assert.equal((await fetch(`${env.MANYDOORS_PUBLIC_URL}/.well-known/openid-configuration`)).status, 200)
    const { of } = await examine(env)
    assert.deepEqual(of('OpenID issuer'), {
      check: 'OpenID issuer',
      state: 'ok',
      says: `${env.MANYDOORS_PUBLIC_URL}, as discovery says`,
    })
    assert.equal(of('OpenID keys').says, 'ES256 and RS256, each with a next one')
    assert.equal(of('OpenID clients').says, '1, all of which can be used')
  })

  it('detects another issuer than the one that apps know', async () => {
    const MANYDOORS_PUBLIC_URL = env.MANYDOORS_PUBLIC_URL?.replace('127.0.0.1', 'localhost') ?? ''
    const { state, says } = (await examine({ ...env, MANYDOORS_PUBLIC_URL })).of('OpenID issuer')
    assert.equal(state, 'warning')
    assert.equal(
      says,
      `discovery at ${MANYDOORS_PUBLIC_URL} names ${env.MANYDOORS_PUBLIC_URL}, so that apps refuse it`,
    )
  })

  it('names apps with scopes of no resource, without a secret, and of older rules, the worst first', async () => {
    const clients = async () => (await examine(env)).of('OpenID clients')
    await add('--id', 'curious', '--scope', 'orders:read')
    assert.deepEqual(await clients(), {
      check: 'OpenID clients',
      state: 'warning',
      says: 'scopes that no resource has: curious: orders:read',
      advice: 'see openid.resources of the realm',
    })
    const url = data.env.DATABASE_URL
    await execute(url, `update clients set secret_hash = null where id = 'good'`)
    assert.equal((await clients()).says, 'no secret, and can sign nobody in: good')
    await execute(url, `update clients set settings = '{"authMethod":"private_key_jwt"}' where id = 'good'`)
    const { state, says } = await clients()
    assert.equal(state, 'problem')
    assert.match(says, /^good: settings\.jwks or jwksUri is missing/)
  })

  it('detects a key that is missing', async () => {
    await execute(
      data.env.DATABASE_URL,
      `delete from signing_keys where algorithm = 'RS256' and activated_at is null`,
    )
    const { state, says } = (await examine(env)).of('OpenID keys')
    assert.deepEqual([state, says], ['warning', 'none is published to sign with RS256 next'])
  })
})

describe('doctor, on OpenID Connect in production', () => {
  let data: TestData
  before(async () => {
    data = await createData('sqlite')
  })
  after(() => data?.drop())
  const examineWith = async (yaml: string) => {
    const MANYDOORS_CONFIG = join(data.env.MANYDOORS_DATA ?? '', 'settings.yaml')
    await writeFile(MANYDOORS_CONFIG, yaml)
    const MANYDOORS_SECRET = randomBytes(32).toString('base64')
    const MANYDOORS_PUBLIC_URL = 'http://auth.example.com'
    return examine({
      ...data.env,
      NODE_ENV: 'production',
      MANYDOORS_SECRET,
      MANYDOORS_PUBLIC_URL,
      MANYDOORS_CONFIG,
    })
  }

  it('wants https, and says nothing where it is off', async () => {
    const on = await examineWith('realms: { main: { openid: } }')
    assert.equal(on.of('OpenID issuer').state, 'problem')
    assert.equal(on.of('OpenID issuer').says, 'http://auth.example.com is http, which apps refuse')
    const off = await examineWith('realms: { main: }')
    assert.deepEqual(
      off.findings.filter(({ check }) => check.startsWith('OpenID')),
      [],
    )
  })
})

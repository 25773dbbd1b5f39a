import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { examine } from '../../cli/doctor/examination.ts'
import { beginLogin, password, register, reset, send, tokenMailed } from '../../dialects/pm2/door.ts'
import * as wolfpal from '../../dialects/wolfpal/door.ts'
import { runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { mailCausedBy, onEveryEngine, useServer } from '../../harness/harness.ts'
import { atHost } from '../../realms/at-host.ts'
import { signInAtAccount } from '../jar.ts'
import { addPasskey, givePasskey, passkeyOn, signInWith, softwareKey } from './software-key.ts'

onEveryEngine('passkeys', (engine) => {
  const server = useServer(engine)

  it('leave with the export of their owner, and go when the account is deleted', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person, 'My phone')
    const { stdout } = await runCommand(server, ['account', 'export', person.email])
    const [passkey] = JSON.parse(stdout).passkeys
    assert.equal(passkey.id, key.id)
    assert.equal(passkey.name, 'My phone')
    assert.equal((await runCommand(server, ['account', 'delete', person.email, '--yes'])).code, 0)
    assert.deepEqual(
      await select(server.env.DATABASE_URL ?? '', `select id from passkeys where id = '${key.id}'`),
      [],
    )
    assert.equal((await signInWith(server, key)).answer.status, 401)
  })

  it('of another domain are what the doctor warns of, and their owner sees that', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    const examination = await examine(server.env)
    assert.equal(examination.of('passkeys').state, 'ok')
    await execute(
      server.env.DATABASE_URL ?? '',
      `update passkeys set rp_id = 'old.example' where id = '${key.id}'`,
    )
    const again = (await examine(server.env)).of('passkeys')
    assert.equal(again.state, 'warning')
    assert.match(again.says, /main: 1, old\.example/)
  })
})

describe('an account with a passkey and no password', () => {
  const server = useServer('sqlite')
  const withoutPassword = (email: string) =>
    execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set password_hash = null where email = '${email}'`,
    )

  it('is refused at the door of pm2 as any wrong password, and gets one by a mail', async () => {
    const person = await register(server)
    await givePasskey(server, person)
    await withoutPassword(person.email)
    const signIn = async (username: string, tried: string) =>
      send(server, 'POST', '/login', {
        form: { username, password: tried },
        headers: { cookie: await beginLogin(server) },
      })
    const refused = await signIn(person.username, password)
    assert.equal(refused.status, 401)
    assert.equal(refused.text, (await signIn('nobody at all', password)).text)
    const token = await tokenMailed(server, { to: person.email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email: person.email } }),
    )
    const answer = await server.request('POST', '/ui/reset-password', {
      form: { token, password: 'another password altogether' },
    })
    assert.equal(answer.status, 200, answer.text)
    const signedIn = await signIn(person.username, 'another password altogether')
    assert.ok(signedIn.headers.has('x-redirect'), signedIn.text)
  })

  it('that was opened for a name of somebody else loses its passkeys to whoever proves the name', async () => {
    const squatter = await register(server)
    const key = await givePasskey(server, squatter)
    const token = await tokenMailed(server, { to: squatter.email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email: squatter.email } }),
    )
    const form = { token, password: 'another password altogether' }
    assert.equal((await server.request('POST', '/ui/reset-password', { form })).status, 200)
    const { answer } = await signInWith(server, key)
    assert.equal(answer.status, 401)
    assert.equal(passkeyOn(answer)?.unknown, key.id)
  })

  it('is refused at the door of wolfpal as any wrong password, and gets one by a mail', async () => {
    const person = await wolfpal.register(server)
    await givePasskey(server, person)
    await withoutPassword(person.email)
    const refused = await wolfpal.login(server, person)
    const unknown = await wolfpal.login(server, { ...person, email: 'nobody@example.com' })
    assert.equal(refused.text, unknown.text)
    const { links } = await mailCausedBy(server, { to: person.email, subject: /^Set a new password/ }, () =>
      wolfpal.send(server, 'POST', '/user/forgot-password', { json: { email: person.email } }),
    )
    const token = new URL(links[0] ?? '').searchParams.get('token')
    const chosen = 'another password altogether'
    const answer = await wolfpal.send(server, 'POST', `/user/reset-password/${token}`, {
      json: { password: chosen, confirmPassword: chosen },
    })
    assert.equal(answer.status, 200, answer.text)
    await wolfpal.signIn(server, { ...person, password: chosen })
  })
})

describe('passkeys of two realms', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  main: {}
  other: { hosts: [other.localhost], publicUrl: "http://other.localhost:5000" }
  near: { hosts: [near.example.test], publicUrl: "https://near.example.test", passkeys: { rpId: example.test, origins: ["https://app.example.test", "https://app.elsewhere.test"] } }
  bare: { hosts: [127.0.0.9], publicUrl: "http://127.0.0.9:5000" }
`,
  })

  it('are unknown in each other', async () => {
    const key = await givePasskey(server, await register(server))
    const other = atHost(server, 'other.localhost')
    const { answer } = await signInWith(other, key, { rpId: 'localhost' })
    assert.equal(answer.status, 401)
    assert.equal(passkeyOn(answer)?.unknown, key.id)
    assert.equal(passkeyOn(answer)?.options.rpId, 'other.localhost')
  })

  it('are forgotten by no browser where others may have made them for the same domain', async () => {
    const near = atHost(server, 'near.example.test')
    const key = softwareKey({ defaultOrigin: 'https://near.example.test' })
    const { answer } = await signInWith(near, key)
    assert.equal(answer.status, 401)
    assert.equal(passkeyOn(answer)?.options.rpId, 'example.test')
    assert.equal(passkeyOn(answer)?.unknown, undefined)
  })

  it('are good at each origin that is set, and the domain names those that are not its own', async () => {
    const near = atHost(server, 'near.example.test')
    const person = await register(near)
    const key = softwareKey({ defaultOrigin: 'https://app.elsewhere.test' })
    const { answer } = await addPasskey(await signInAtAccount(near, person), key)
    assert.match(answer.text, /Passkey added/)
    for (const origin of [
      'https://near.example.test',
      'https://app.example.test',
      'https://app.elsewhere.test',
    ])
      assert.equal((await signInWith(near, key, { origin })).answer.status, 200)
    for (const origin of ['https://example.test', 'http://app.example.test', 'https://evil.app.example.test'])
      assert.equal((await signInWith(near, key, { origin })).answer.status, 401)
    const { body, headers } = await near.request('GET', '/.well-known/webauthn')
    assert.deepEqual(body, { origins: ['https://app.elsewhere.test'] })
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
    assert.equal((await server.request('GET', '/.well-known/webauthn')).status, 404)
  })

  it('are offered nowhere that is but an IP address, which browsers make none for', async () => {
    const bare = atHost(server, '127.0.0.9')
    const page = await bare.request('GET', '/ui/account/sign-in')
    const cookie = page.cookies.join('; ')
    const signIn = await bare.request('GET', page.headers.get('location') ?? '', { headers: { cookie } })
    assert.equal(signIn.status, 200)
    assert.equal(passkeyOn(signIn), undefined)
  })
})

describe('passkeys whose owner need not be seen', () => {
  const server = useServer('sqlite', {
    yaml: 'realms: { main: { passkeys: { userVerification: preferred } } }',
  })

  it('are one factor: good for an account with none, and refused where a second step is asked for', async () => {
    const person = await wolfpal.registerAndSignIn(server)
    const browser = await signInAtAccount(server, person)
    const { key, answer } = await addPasskey(browser, softwareKey(), { isVerified: false })
    assert.match(answer.text, /Passkey added/)
    assert.equal((await signInWith(server, key, { isVerified: false })).answer.status, 200)
    const { secret } = await wolfpal.enrol(server, person.access)
    await wolfpal.confirm(server, person.access, wolfpal.nextCode(server, secret))
    assert.equal((await signInWith(server, key, { isVerified: false })).answer.status, 401)
    assert.equal((await signInWith(server, key)).answer.status, 200)
  })
})

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { jsonOf, runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { everyColumn } from '../../harness/everything.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { found } from '../../harness/secrets.ts'
import { assertAsked, showPassword, signInWithCode, trustedPerson } from './second-step.ts'

const day = 24 * 60 * 60_000

onEveryEngine('what is kept of a trusted device', (engine) => {
  const server = useServer(engine)
  const rows = () => select(server.env.DATABASE_URL ?? '', 'select id from trusted_devices')

  it('has no secret in it, and is neither a secret in the export nor in the log', async () => {
    const { person, browser } = await trustedPerson(server)
    const secret = browser.cookies.get('__Host-manydoors-trusted') ?? ''
    assert.match(secret, /^[\w-]{43}$/)
    const needles = [{ what: 'the secret', bytes: Buffer.from(secret) }]
    assert.deepEqual(found(needles, await everyColumn(server)), [])
    assert.ok(!JSON.stringify(server.log).includes(secret))
    const { stdout } = await runCommand(server, ['account', 'export', person.email])
    const [device] = JSON.parse(stdout).secondFactors.trustedDevices
    assert.ok(device.createdAt && device.expiresAt && device.ip, stdout)
    assert.ok(!stdout.includes(secret))
  })

  it('goes with the account, and when the account is disabled', async () => {
    const gone = await trustedPerson(server)
    const before = (await rows()).length
    await jsonOf(server, ['account', 'delete', gone.person.email], 'yes\n')
    assert.equal((await rows()).length, before - 1)
    const { person, browser } = await trustedPerson(server)
    for (const command of ['disable', 'enable']) {
      const { code, stderr } = await runCommand(server, ['account', command, person.email])
      assert.equal(code, 0, stderr)
    }
    assertAsked(await showPassword(browser, person))
  })

  for (const changed of ['totp set confirmed_at', 'accounts set password_changed_at'])
    it(`counts for nothing once a node that knows of no trust has changed ${changed}`, async () => {
      const { person, browser } = await trustedPerson(server)
      server.clock.advance(1000)
      await execute(server.env.DATABASE_URL ?? '', `update ${changed} = ${server.clock.now()}`)
      assertAsked(await showPassword(browser, person))
      const owner = await signInWithCode(server, person)
      assert.doesNotMatch((await owner.open('/ui/account/security')).text, /trusted-devices\/[0-9a-f-]{36}\//)
    })

  it('is removed once it has expired', async () => {
    await trustedPerson(server)
    server.clock.advance(29 * day)
    await trustedPerson(server)
    server.clock.advance(day)
    await server.maintain()
    assert.equal((await rows()).length, 1)
  })
})

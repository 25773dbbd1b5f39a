import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runCommand } from '../harness/command.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { plainBrowser } from '../pages/jar.ts'
import { optionsOn, softwareKey } from '../pages/passkeys/software-key.ts'
import { enrolWith, invite, operatorOf, signInOperator, signWith } from './operator.ts'

const minuteMs = 60_000

onEveryEngine('operators', (engine) => {
  const server = useServer(engine)
  const command = (...args: string[]) => runCommand({ env: server.env, now: server.clock.now }, args)

  it('lets in whoever has an invitation, with a passkey and ten recovery codes', async () => {
    const { browser, recoveryCodes, key } = await operatorOf(server)
    assert.equal(new Set(recoveryCodes).size, 10)
    const page = await browser.open('/admin')
    assert.equal(page.status, 200)
    assert.match(page.text, /What needs a hand/)
    const again = await signInOperator(server, key, '/admin/operators')
    assert.match((await again.open('/admin/operators')).text, /Those who run this server/)
  })

  it('takes an invitation once, and only the newest of an address, for 30 minutes', async () => {
    const first = await invite(server, 'late@example.com', ['--role', 'support'])
    const second = await invite(server, 'late@example.com', ['--role', 'support'])
    const browser = plainBrowser(server)
    assert.equal((await browser.open(first)).status, 404)
    await enrolWith(server, second, 'late@example.com')
    assert.equal((await browser.open(second)).status, 404)
    const third = await invite(server, 'later@example.com', ['--role', 'support'])
    server.clock.advance(31 * minuteMs)
    assert.equal((await browser.open(third)).status, 404)
  })

  it('gives nobody another role or other realms by an invitation', async () => {
    const { email } = await operatorOf(server, 'support')
    for (const args of [
      ['--role', 'owner'],
      ['--role', 'support', '--realm', 'main'],
    ]) {
      const { code, stderr } = await command('operator', 'invite', email, ...args)
      assert.equal(code, 1)
      assert.match(stderr, /change that first/)
    }
    assert.equal((await command('operator', 'invite', email, '--role', 'support')).code, 0)
  })

  it('asks everybody else to sign in, and signs in nobody with a foreign passkey', async () => {
    const browser = plainBrowser(server)
    const page = await browser.open('/admin/operators')
    assert.match(page.text, /For those who run this server/)
    const stranger = softwareKey()
    stranger.make({ challenge: 'x', user: { id: 'AAAA' } })
    const { answer } = await signWith(browser, page, stranger)
    assert.equal(answer.status, 401)
    assert.ok(!browser.cookies.has('__Host-manydoors-operator'))
  })

  it('takes an answer of a passkey once', async () => {
    const { key } = await operatorOf(server)
    const browser = plainBrowser(server)
    const page = await browser.open('/admin/sign-in')
    const login = browser.cookies.get('__Host-manydoors-operator-login') ?? ''
    const fields = { passkey: key.sign(optionsOn(page)) }
    const form = / name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const headers = { cookie: `__Host-manydoors-operator-login=${login}` }
    const post = () =>
      server.request('POST', '/admin/sign-in', { form: { ...fields, form, next: '/admin' }, headers })
    const answers = await Promise.all([post(), post(), post()])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 400, 400])
  })

  it('asks for a proof again after ten minutes before what is dangerous, and comes back to the form', async () => {
    const { browser, key } = await operatorOf(server)
    assert.match((await browser.open('/admin/operators/invite')).text, /Invite an operator/)
    server.clock.advance(11 * minuteMs)
    const proof = await browser.open('/admin/operators/invite')
    assert.match(proof.text, /Show that it is you/)
    const { answer } = await signWith(browser, proof, key)
    assert.match(answer.text, /Invite an operator/)
  })

  it('forgets a browser after 30 minutes without a click', async () => {
    const { browser } = await operatorOf(server)
    server.clock.advance(31 * minuteMs)
    assert.match((await browser.open('/admin')).text, /For those who run this server/)
  })

  it('lets a recovery code make a new passkey, once, and nothing else', async () => {
    const { email, recoveryCodes } = await operatorOf(server)
    const [code = ''] = recoveryCodes
    const browser = plainBrowser(server)
    const page = await browser.open('/admin/recover')
    assert.equal((await browser.submit(page, { email, code: 'wrongwrong12' }, '/admin/recover')).status, 401)
    const invitation = await browser.submit(page, { email, code }, '/admin/recover')
    assert.match(invitation.text, /Run this server/)
    assert.ok(!browser.cookies.has('__Host-manydoors-operator'))
    const key = softwareKey()
    const welcome = await browser.submit(invitation, {
      name: 'Ada',
      passkey: key.make(optionsOn(invitation)),
    })
    assert.equal(welcome.status, 200)
    await signInOperator(server, key)
    assert.equal((await browser.submit(page, { email, code }, '/admin/recover')).status, 401)
  })

  it('mails an operator whose access was changed by a link, whoever has opened it', async () => {
    const { email } = await operatorOf(server, 'support')
    const told = async () => (await server.mailbox()).some(({ to }) => to === email)
    const path = await invite(server, email, ['--role', 'support'])
    assert.ok(!(await told()))
    await enrolWith(server, path, email)
    await server.mail(email, /new passkey/)
    await server.mail(email, /new recovery codes/)
  })

  it('keeps the last owner of all realms, as one who is held to some lets nobody in', async () => {
    const { email: held } = await operatorOf(server, 'owner', { realms: ['main'] })
    const owners = JSON.parse((await command('operator', 'list', '--json')).stdout).filter(
      ({ role, email }: { role: string; email: string }) => role === 'owner' && email !== held,
    )
    for (const { email } of owners.slice(1)) await command('operator', 'disable', email)
    const [{ email: last }] = owners
    for (const args of [
      ['disable', last],
      ['role', last, '--role', 'support'],
      ['role', last, '--role', 'owner', '--realm', 'main'],
    ]) {
      const { code, stderr } = await command('operator', ...args)
      assert.deepEqual([code, /last owner|no owner/i.test(stderr)], [1, true], stderr)
    }
    assert.equal((await command('operator', 'disable', held)).code, 0)
    for (const { email } of owners.slice(1)) await command('operator', 'enable', email)
  })

  it('keeps the last owner, also of two who take the role from each other at once', async () => {
    const listed = await command('operator', 'list', '--json')
    for (const { email, role } of JSON.parse(listed.stdout))
      if (role === 'owner') await command('operator', 'disable', email)
    const left = JSON.parse((await command('operator', 'list', '--json')).stdout)
    const [last, ...others] = left.filter(
      ({ role, disabled }: { role: string; disabled?: string }) => role === 'owner' && !disabled,
    )
    assert.deepEqual(others, [])
    assert.equal((await command('operator', 'role', last.email, '--role', 'support')).code, 1)
    const other = await operatorOf(server)
    const both = await Promise.all(
      [last.email, other.email].map((email) => command('operator', 'role', email, '--role', 'auditor')),
    )
    assert.deepEqual(both.map(({ code }) => code).sort(), [0, 1])
  })
})

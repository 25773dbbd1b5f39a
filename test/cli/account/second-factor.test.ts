import assert from 'node:assert/strict'
import { it } from 'node:test'
import { beginLogin } from '../../dialects/pm2/door.ts'
import {
  answerChallenge,
  assertCode,
  assertUnauthorized,
  challengeFor,
  enrol,
  invalidChallenge,
  nextCode,
  password,
  refresh,
  registerAndSignIn,
  registerWithSecondFactor,
  signIn,
  whoAmI,
} from '../../dialects/wolfpal/door.ts'
import { assertRefused, jsonOf, runCommand } from '../../harness/command.ts'
import { select, tableNames } from '../../harness/database.ts'
import { mailCausedBy, onEveryEngine, useServer } from '../../harness/harness.ts'

const subject = /^The second step at WolfPal was removed$/

onEveryEngine('account remove-second-factor', (engine) => {
  const server = useServer(engine)
  const url = () => server.env.DATABASE_URL ?? ''
  const remove = (name: string, reason: string) =>
    jsonOf(server, ['account', 'remove-second-factor', name, '--reason', reason])

  it('lets the owner sign in by password alone, revokes all sessions, and mails the owner', async () => {
    const person = await registerWithSecondFactor(server)
    const challenge = await challengeFor(server, person)
    const cookie = await beginLogin(server)
    const { username, email, secret } = person
    const json = { username, password, otp: nextCode(server, secret) }
    const proven = await server.request('POST', '/api/oauth/login', { json, headers: { cookie } })

    const mail = await mailCausedBy(server, { to: email, subject }, async () => {
      const [done] = await remove(email, 'lost phone, shown the passport')
      assert.deepEqual(done, { id: done.id, secondFactorRemoved: true, sentTo: email })
      server.clock.advance(0)
    })
    assert.match(mail.text, /Those who run WolfPal removed the second step, and every device/)
    assert.match(mail.text, /When: .* UTC\n/)
    assert.doesNotMatch(mail.text, /passport|Device:|IP address:/)

    assertUnauthorized(await whoAmI(server, person.access))
    assertUnauthorized(await refresh(server, person.refresh))
    const late = await answerChallenge(server, challenge, person.backupCodes[0] ?? '')
    assertCode(late, ...invalidChallenge)
    const path = proven.headers.get('x-redirect') ?? ''
    assert.equal((await server.request('GET', path, { headers: { cookie } })).status, 400)
    const { access } = await signIn(server, person)
    assert.equal((await whoAmI(server, access)).body.user.twoFactor, false)
    const left = `select hash from recovery_codes where account_id = '${await idOf(email)}'`
    assert.deepEqual(await select(url(), left), [])
  })

  it('keeps the reason in the audit trail, until the account is deleted', async () => {
    const { email } = await registerWithSecondFactor(server)
    const reason = 'Ada rang from the office, asked for her daughter’s name'
    await remove(email, ` ${reason} `)
    const [row] = await jsonOf(server, ['audit', '--account', email, '--event', 'second_factor.removed'])
    assert.deepEqual([row.actor, row.outcome, row.detail], ['cli', 'success', reason])
    const id = await idOf(email)
    await jsonOf(server, ['account', 'delete', email, '--yes'])
    for (const table of await tableNames(url())) {
      const text = JSON.stringify(await select(url(), `select * from "${table}"`))
      assert.ok(!text.includes(reason) && !text.includes(String(id)), table)
    }
  })

  it('refuses without a second factor, or without a reason', async () => {
    const person = await registerAndSignIn(server)
    const attempt = ['account', 'remove-second-factor', person.email]
    await assertRefused(server, [...attempt, '--reason', 'x'], /^[\da-f-]{36} has no second factor\n$/)
    await enrol(server, person.access)
    await assertRefused(server, [...attempt, '--reason', 'x'], /^[\da-f-]{36} has no second factor\n$/)
    await assertRefused(server, attempt, /--reason <text>/)
    for (const reason of [' ', 'two\nlines', 'x'.repeat(201)])
      await assertRefused(server, [...attempt, '--reason', reason], /1 to 200 characters on one line/)
    await assertRefused(
      server,
      ['account', 'remove-second-factor', 'nobody@example.com', '--reason', 'x'],
      /^realm main has no account nobody@example\.com\n$/,
    )
    assert.equal((await whoAmI(server, person.access)).status, 200)
  })

  it('prints readable lines', async () => {
    const { email } = await registerWithSecondFactor(server)
    const { stdout } = await runCommand(server, ['account', 'remove-second-factor', email, '--reason', 'x'])
    assert.match(stdout, /^[\da-f-]{36} has no second factor any more; its sessions have ended\na mail to /)
  })

  async function idOf(email: string): Promise<unknown> {
    const [row] = await select(url(), `select id from accounts where email = '${email}'`)
    return row?.id
  }
})

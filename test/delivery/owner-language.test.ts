import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute, select } from '../harness/database.ts'
import { type Person, register } from '../harness/doors.ts'
import { freshEmail, mailCausedBy, useServer } from '../harness/harness.ts'

// What a message says is the same on every database.
describe('a message to the owner of an account', () => {
  const server = useServer('sqlite')
  const database = () => server.env.DATABASE_URL ?? ''

  const forget = (email: string, language: string) =>
    server.request('POST', '/api/co/auth/forgot-password', {
      json: { email },
      headers: { 'accept-language': language },
    })
  const choose = ({ email }: Person, set: string) =>
    execute(database(), `update accounts set ${set} where email = '${email}'`)

  it('is in the language that the owner has chosen, whatever the request asks for', async () => {
    const person = await register(server)
    await choose(person, "language = 'nb'")
    const to = person.email
    await mailCausedBy(server, { to, subject: /^Velg et nytt passord hos Minbil$/ }, () => forget(to, 'en'))
    await mailCausedBy(server, { to, subject: /^Du har allerede en konto hos / }, () =>
      server.request('POST', '/auth/verification-mail', { json: { email: to } }),
    )
    await mailCausedBy(server, { to, subject: /^Passordet ditt hos .* er endret$/ }, () =>
      changePassword(person),
    )
  })

  it('is in the language of the request where the owner has chosen none, or one that is gone', async () => {
    const person = await register(server)
    const subject = /^Velg et nytt passord hos Minbil$/
    await mailCausedBy(server, { to: person.email, subject }, () => forget(person.email, 'nb'))
    await choose(person, "language = 'tlh'")
    await mailCausedBy(server, { to: person.email, subject }, () => forget(person.email, 'nb'))
  })

  it('is in the language of the request for who has no account', async () => {
    const to = freshEmail()
    await mailCausedBy(server, { to, subject: /^Bekreft e-postadressen din hos / }, () =>
      server.request('POST', '/auth/verification-mail', {
        json: { email: to },
        headers: { 'accept-language': 'nb' },
      }),
    )
  })

  it('has its times in the time zone of the owner, and names it; else in UTC', async () => {
    const person = await register(server)
    const to = person.email
    const subject = /^Your password for .* was changed$/
    const inUtc = await mailCausedBy(server, { to, subject }, () => changePassword(person))
    assert.match(inUtc.text, /When: \d+ \w+ \d{4} at \d\d:\d\d UTC\n/)
    await choose(person, "time_zone = 'Asia/Kolkata'")
    const there = await mailCausedBy(server, { to, subject }, () => changePassword(person))
    assert.match(there.text, /When: \d+ \w+ \d{4} at \d\d:\d\d (GMT\+5:30|IST)\n/)
    await choose(person, "time_zone = 'Moon/Tranquility'")
    const nowhere = await mailCausedBy(server, { to, subject }, () => changePassword(person))
    assert.match(nowhere.text, /When: .* UTC\n/)
  })

  for (const [kind, subject] of [
    ['password-changed-mail', /^Your password for Somewhere was changed$/],
    ['session-reuse-mail', /^You were signed out of Somewhere$/],
    ['account-taken-over-mail', /^The account of .* at Somewhere is yours now$/],
  ] as const)
    it(`is sent for a ${kind} that a release before has queued, without when and where`, async () => {
      const { email } = await register(server)
      const [account] = await select(database(), `select id from accounts where email = '${email}'`)
      const payload = JSON.stringify({ accountId: account?.id, brand: { name: 'Somewhere' }, language: 'en' })
      await execute(
        database(),
        `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at)
         values ('${kind}', 'main', '${kind}', '${payload}', 0, 0, 0)`,
      )
      server.clock.advance(60_000)
      const { text } = await server.mail(email, subject)
      assert.doesNotMatch(text, /When:|Device:|IP address:|undefined/)
    })

  const changePassword = async (person: Person) => {
    const newPassword = `${person.password}8`
    const json = { email: person.email, oldPassword: person.password, newPassword }
    const answer = await server.request('POST', '/auth/reset-password', { json })
    assert.equal(answer.status, 200, answer.text)
    person.password = newPassword
  }
})

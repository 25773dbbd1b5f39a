import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openAccount, type Session, signInAgain } from '../../contract/support.ts'
import { execute } from '../../harness/database.ts'
import { type Answer, freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { gotrue } from './adapter.ts'
import { tokenIn, verify } from './mails.ts'

const newPassword = 'another password altogether'
const roomy = Number.POSITIVE_INFINITY

onEveryEngine('a change of several fields of a user at gotrue', (engine) => {
  const server = useServer(engine, { limits: { 'mail-address': roomy, 'sign-up-address': roomy } })

  const open = async (): Promise<Session> => signInAgain(gotrue, server, await openAccount(gotrue, server))
  const change = ({ access }: Session, json: object): Promise<Answer> =>
    server.request('PUT', '/auth/v1/user', { bearer: access, json })
  const user = async ({ access }: Session) => (await gotrue.ask(server, access)).body
  const signIn = async ({ email }: Session, password: string) =>
    (await gotrue.signIn(server, { email, password })).answer.status
  const mailsTo = async (...addresses: string[]) => {
    await endOfJobs(server)
    return (await server.mailbox()).filter(({ to }) => addresses.includes(to)).length
  }

  /** Fails unless a change is refused so, and nothing of it is done, told or begun. */
  async function assertUndone(
    session: Session,
    json: { email: string; password: string; data: object; nonce?: string },
    status: number,
    code: string,
  ) {
    const other = await signInAgain(gotrue, server, session)
    const [before, mails] = [await user(session), await mailsTo(session.email, json.email)]
    const answer = await change(session, json)
    assert.deepEqual([answer.status, answer.body.error_code], [status, code], answer.text)
    assert.deepEqual(await user(session), before)
    assert.equal((await gotrue.ask(server, other.access)).status, 200)
    assert.equal(await signIn(session, session.password), 200)
    assert.equal(await mailsTo(session.email, json.email), mails)
  }

  it('is done as a whole, and the new password leaves the new address its mails', async () => {
    const [session, email] = [await open(), freshEmail()]
    const answer = await change(session, { password: newPassword, data: { name: 'Ada' }, email })
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual([answer.body.user_metadata.name, answer.body.new_email], ['Ada', email])
    assert.deepEqual(
      [await signIn(session, newPassword), await signIn(session, session.password)],
      [200, 400],
    )
    const mails = [
      await server.mail(email, /^Confirm/),
      await server.mail(session.email, /^Confirm that your/),
    ]
    for (const mail of mails) {
      const confirmed = await verify(server, { type: 'email_change', token_hash: tokenIn(mail) })
      assert.equal(confirmed.status, 200, confirmed.text)
    }
    assert.equal((await user(session)).email, email)
  })

  it('is not begun where one part is not good enough', async () => {
    const session = await open()
    const wanted = { password: newPassword, data: { name: 'Ada' }, email: freshEmail() }
    for (const name of ['a', 'b'])
      assert.equal((await change(session, { data: { [name]: 'x'.repeat(6000) } })).status, 200)
    const tooMuch = { data: { name: 'Ada', c: 'x'.repeat(6000) } }
    await assertUndone(session, { ...wanted, ...tooMuch }, 400, 'validation_failed')
    await assertUndone(session, { ...wanted, password: 'short' }, 422, 'weak_password')
    await assertUndone(session, { ...wanted, password: session.password }, 422, 'same_password')
    await assertUndone(session, { ...wanted, email: 'no address' }, 400, 'validation_failed')
  })

  it('is not begun where the new mailbox has had its mails, which costs the mailed code nothing', async () => {
    const [session, email] = [await open(), freshEmail()]
    for (let mail = 0; mail < 5; mail++) {
      const asked = await server.request('POST', '/auth/v1/recover', { json: { email } })
      assert.equal(asked.status, 200, asked.text)
    }
    const wanted = { password: newPassword, data: { name: 'Ada' }, email }
    await assertUndone(session, wanted, 429, 'over_email_send_rate_limit')

    server.clock.advance(24 * 60 * 60_000 + 1000)
    const { tokens } = (await gotrue.refreshing?.refresh(server, session.refresh)) ?? {}
    const late = { ...session, access: tokens?.access ?? '' }
    await server.request('GET', '/auth/v1/reauthenticate', { bearer: late.access })
    const nonce = (await server.mail(session.email, /is your code/)).subject.slice(0, 6)
    for (let mail = 0; mail < 5; mail++) await server.request('POST', '/auth/v1/recover', { json: { email } })
    await assertUndone(late, { ...wanted, nonce }, 429, 'over_email_send_rate_limit')
    assert.equal((await change(late, { password: newPassword, nonce })).status, 200)
  })

  it('leaves nothing where the database gives up in the middle', async () => {
    const session = await open()
    const wanted = { password: newPassword, data: { name: 'Ada' }, email: freshEmail() }
    await whileNoAddressCanChange(async () => {
      await assertUndone(session, wanted, 500, 'unexpected_failure')
    })
    assert.equal((await change(session, wanted)).status, 200)
  })

  /** Does something while the database refuses what a change of an address begins with. */
  async function whileNoAddressCanChange(work: () => Promise<void>): Promise<void> {
    const url = server.env.DATABASE_URL ?? ''
    const isSqlite = engine === 'sqlite'
    const when = `when (new.kind = 'email-change-new')`
    await execute(
      url,
      isSqlite
        ? `create trigger broken before insert on tickets ${when} begin select raise(abort, 'broken by the test'); end`
        : `create function break() returns trigger language plpgsql as
             $$ begin raise exception 'broken by the test'; end $$;
           create trigger broken before insert on tickets for each row ${when} execute function break()`,
    )
    try {
      await work()
    } finally {
      await execute(url, isSqlite ? 'drop trigger broken' : 'drop function break cascade')
    }
  }
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register, reset, send, tokenMailed } from '../../dialects/pm2/door.ts'
import { freshPhone } from '../../dialects/vastly/door.ts'
import { nextCode, registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { everyColumn } from '../../harness/everything.ts'
import {
  coresForCrowds,
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  queryOf,
  type TestServer,
  useServer,
} from '../../harness/harness.ts'
import { found } from '../../harness/secrets.ts'
import { squat, squatted } from '../../harness/squatting.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'
import { askForEmail, askForPhone, changeMail, confirm, givePhone, pathOf, provenPerson } from './names.ts'

const changed = /Your e-mail address was changed\./
const gone = /This link is no longer valid/
const owners = 'a password of the owner alone'

/** The path of a link to choose a new password that is sent to an address. */
async function resetLinkOf(server: TestServer, email: string): Promise<string> {
  const token = await tokenMailed(server, { to: email, subject: reset }, () =>
    send(server, 'POST', '/reset_password', { json: { email } }),
  )
  return `/ui/reset-password?token=${token}`
}

describe('an e-mail address that its owner changes', () => {
  const server = useServer('sqlite')

  it('stays until the link to the new one is confirmed, and the sessions stay after it', async () => {
    const { person, browser } = await provenPerson(server)
    const email = freshEmail()
    const mail = await changeMail(server, browser, email)
    const pending = await browser.open('/ui/account/email')
    assert.match(pending.text, /We sent a link to p…@example\.com/)
    assert.match(pending.text, new RegExp(person.email))
    // What a mail scanner does.
    const scanner = plainBrowser(server)
    assert.match((await scanner.open(pathOf(mail))).text, /<h1>Sign in<\/h1>/)
    assert.match((await browser.open(pathOf(mail))).text, new RegExp(email))
    assert.match((await browser.open('/ui/account')).text, new RegExp(person.email))

    assert.match((await confirm(browser, mail)).text, changed)
    const page = await browser.open('/ui/account')
    assert.match(page.text, new RegExp(email))
    assert.ok(!page.text.includes(person.email))
    const answer = await send(server, 'POST', '/reset_password', { json: { email } })
    assert.equal(answer.status, 200, answer.text)
    await server.mail(email, reset)
    assert.match((await browser.open(pathOf(mail))).text, gone)
  })

  it('is changed by the link only where the account is signed in, which whoever reads a wrong mailbox is not', async () => {
    const { browser } = await provenPerson(server)
    const email = freshEmail()
    const mail = await changeMail(server, browser, email)
    const stranger = await signInAtAccount(server, await register(server))
    const page = await stranger.open(pathOf(mail))
    assert.match(page.text, /for another account/)
    assert.ok(!page.text.includes(email))
    const own = await stranger.open('/ui/account')
    const form = /name="form" value="([^"]+)"/.exec(own.text)?.[1] ?? ''
    const answer = await stranger.post('/ui/account/email/confirm', { form })
    assert.equal(answer.status, 404)
    assert.match((await confirm(browser, mail)).text, changed)
  })

  it('goes on after a sign-in in the browser that has opened the link', async () => {
    const { person, browser } = await provenPerson(server)
    const mail = await changeMail(server, browser, freshEmail())
    const other = plainBrowser(server)
    const { username: identifier, password } = person
    const page = await other.submit(await other.open(pathOf(mail)), { identifier, password })
    assert.match((await other.submit(page, {}, '/ui/account/email/confirm')).text, changed)
  })

  it('asks for a proof that is younger than ten minutes', async () => {
    const { browser } = await provenPerson(server)
    const email = freshEmail()
    const page = await browser.open('/ui/account/email')
    server.clock.advance(11 * 60_000)
    const answer = await browser.submit(page, { email }, '/ui/account/email')
    assert.match(answer.text, /Show that it is you/)
    assert.match((await browser.open('/ui/account/email')).text, /Show that it is you/)
  })

  it('is asked for again where it is none, or the own one, with what was typed', async () => {
    const { person, browser } = await provenPerson(server)
    const none = await askForEmail(browser, 'a@0x7f.1')
    assert.equal(none.status, 400)
    assert.match(none.text, /role="alert".*Enter an e-mail address/s)
    assert.match(none.text, /value="a@0x7f\.1"/)
    assert.match((await askForEmail(browser, person.email)).text, /your e-mail address already/)
  })

  it('has its link sent again, which voids the earlier one, and given up, which voids both', async () => {
    const { browser } = await provenPerson(server)
    const email = freshEmail()
    const first = await changeMail(server, browser, email)
    const again = await mailCausedBy(server, { to: email, subject: /new e-mail address/ }, async () => {
      const page = await browser.open('/ui/account/email')
      await browser.submit(page, {}, '/ui/account/email/resend')
    })
    assert.match((await browser.open(pathOf(first))).text, gone)
    const page = await browser.open('/ui/account/email')
    const forgotten = await browser.submit(page, {}, '/ui/account/email/forget')
    assert.match(forgotten.text, /stays as it is/)
    assert.ok(!forgotten.text.includes('id="pending"'))
    assert.match((await browser.open(pathOf(again))).text, gone)
  })

  it('gets the same answer where another account has it, whose owner is told', async () => {
    const { browser } = await provenPerson(server)
    const { person } = await provenPerson(server)
    const free = await askForEmail(browser, freshEmail())
    const { subject } = await mailCausedBy(
      server,
      { to: person.email, subject: /already have an account/ },
      async () => {
        const taken = await askForEmail(browser, person.email)
        const plain = (text: string) => text.replaceAll(/value="[^"]*"/g, '')
        assert.equal(plain(taken.text), plain(free.text))
        assert.equal(taken.status, free.status)
      },
    )
    assert.match(subject, /already/)
  })

  it('is no longer that of a link to the old address', async () => {
    const { person, browser } = await provenPerson(server)
    const link = await resetLinkOf(server, person.email)
    assert.match((await browser.open(link)).text, /Choose a new password/)
    await confirm(browser, await changeMail(server, browser, freshEmail()))
    assert.match((await browser.open(link)).text, gone)
  })

  it('takes no account over of somebody who has not proven it, and takes it off one that has another name', async () => {
    const { browser } = await provenPerson(server)
    // Known by this address alone: it goes to whoever sets a new password, and not to another account.
    const only = await squat(server)
    await mailCausedBy(server, { to: only, subject: /already have an account/ }, () =>
      askForEmail(browser, only),
    )
    const holder = await register(server)
    assert.match((await confirm(browser, await changeMail(server, browser, holder.email))).text, changed)
    const theirs = await signInAtAccount(server, holder)
    const page = await theirs.open('/ui/account')
    assert.ok(!page.text.includes(holder.email))
    assert.match(page.text, new RegExp(holder.username))
  })

  it('stays where another account has proven the new one meanwhile', async () => {
    const { browser } = await provenPerson(server)
    const other = await provenPerson(server)
    const email = freshEmail()
    const mail = await changeMail(server, browser, email)
    await confirm(other.browser, await changeMail(server, other.browser, email))
    const answer = await confirm(browser, mail)
    assert.equal(answer.status, 409)
    assert.match(answer.text, /Another account has this address by now/)
  })

  it('is told at the old one, when, from where and with a link that undoes it', async () => {
    const { person, browser } = await provenPerson(server)
    const email = freshEmail()
    const mail = await changeMail(server, browser, email)
    const notice = await mailCausedBy(server, { to: person.email, subject: /was changed/ }, () =>
      confirm(browser, mail),
    )
    assert.match(notice.text, /to p…@example\.com\.[\s\S]* UTC\n/)
    assert.match(notice.text, /127\.0\.0\.1/)
    assert.ok(!notice.text.includes(email))
    assert.match(pathOf(notice), /^\/ui\/undo-change/)
  })
})

describe('a change of an e-mail address that is undone', () => {
  const server = useServer('sqlite')

  const stolen = async () => {
    const { person, browser: thief } = await provenPerson(server)
    const email = freshEmail()
    const mail = await changeMail(server, thief, email)
    const notice = await mailCausedBy(server, { to: person.email, subject: /was changed/ }, () =>
      confirm(thief, mail),
    )
    return { person, thief, email, notice }
  }
  const undo = async (path: string) => {
    const owner = plainBrowser(server)
    const page = await owner.submit(await owner.open(path), {}, '/ui/undo-change')
    return { owner, page }
  }

  it('gives the owner the account back, and leaves nothing to whoever has changed it', async () => {
    const { person, thief, email, notice } = await stolen()
    const link = await resetLinkOf(server, email)
    assert.match((await thief.open(link)).text, /Choose a new password/)
    assert.match((await plainBrowser(server).open(pathOf(notice))).text, new RegExp(person.email))
    assert.match((await thief.open('/ui/account')).text, new RegExp(email), 'opening it changes nothing')

    const { owner, page } = await undo(pathOf(notice))
    assert.match((await thief.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
    const { username, password } = person
    const refused = plainBrowser(server)
    const signIn = await refused.submit(await refused.open('/ui/account'), { identifier: username, password })
    assert.match(signIn.text, /is not right/)
    assert.match((await thief.open(link)).text, gone)

    assert.match((await owner.submit(page, { password: owners })).text, /Your password is set/)
    const back = await signInAtAccount(server, { username, password: owners })
    assert.match((await back.open('/ui/account')).text, new RegExp(person.email))
    assert.match((await owner.open(pathOf(notice))).text, gone)
  })

  it('tells the reader of the address that it had meanwhile', async () => {
    const { email, notice } = await stolen()
    const told = await mailCausedBy(server, { to: email, subject: /undone/ }, () => undo(pathOf(notice)))
    assert.match(told.text, /p…@example\.com/)
  })

  it('is undone for the first owner however often the address is changed after it', async () => {
    const { person, thief, notice } = await stolen()
    await confirm(thief, await changeMail(server, thief, freshEmail()))
    const { owner, page } = await undo(pathOf(notice))
    await owner.submit(page, { password: owners })
    const back = await signInAtAccount(server, { username: person.username, password: owners })
    assert.match((await back.open('/ui/account')).text, new RegExp(person.email))
  })

  it('takes the number back, too, that was changed before or after the address', async () => {
    const { person, browser } = await provenPerson(server)
    const [own, theirs, later] = [freshPhone(), freshPhone(), freshPhone()]
    await givePhone(server, browser, own)
    server.clock.advance(8 * 86_400_000)
    const thief = await signInAtAccount(server, person)
    await givePhone(server, thief, theirs)
    const mail = await changeMail(server, thief, freshEmail())
    const notice = await mailCausedBy(
      server,
      { to: person.email, subject: /e-mail address at .* was changed/ },
      () => confirm(thief, mail),
    )
    await givePhone(server, thief, later)
    const { owner, page } = await undo(pathOf(notice))
    await owner.submit(page, { password: owners })
    const back = await signInAtAccount(server, { username: person.username, password: owners })
    assert.match((await back.open('/ui/account/phone')).text, new RegExp(`\\${own}`))
  })

  it('cannot be hindered by signing up with the old address', async () => {
    const { person, notice } = await stolen()
    const json = { email: person.email, password: squatted }
    assert.equal((await server.request('POST', '/api/co/auth/sign-up', { json })).status, 201)
    const { owner, page } = await undo(pathOf(notice))
    assert.match((await owner.submit(page, { password: owners })).text, /Your password is set/)
    const { username } = person
    const back = await signInAtAccount(server, { username, password: owners })
    assert.match((await back.open('/ui/account')).text, new RegExp(person.email))
    const squatter = await server.request('POST', '/api/co/auth/sign-in', { json })
    assert.ok(squatter.status >= 400)
  })

  it('stays, and says so, where another account has proven the old address meanwhile', async () => {
    const { person, thief, email, notice } = await stolen()
    const other = await provenPerson(server)
    await confirm(other.browser, await changeMail(server, other.browser, person.email))
    const { page } = await undo(pathOf(notice))
    assert.equal(page.status, 409)
    assert.match(page.text, /cannot be put back. Nothing was changed/)
    assert.match((await thief.open('/ui/account')).text, new RegExp(email))
  })

  it('is possible for seven days', async () => {
    const { notice } = await stolen()
    server.clock.advance(7 * 86_400_000 + 1000)
    assert.match((await plainBrowser(server).open(pathOf(notice))).text, gone)
  })

  it('takes a second step off that was set up lately, and leaves an older one', async () => {
    for (const [daysBefore, isAsked] of [
      [1, false],
      [8, true],
    ] as const) {
      const person = await registerWithSecondFactor(server)
      server.clock.advance(daysBefore * 86_400_000)
      const { username, password, secret, email } = person
      const thief = plainBrowser(server)
      const asked = await thief.submit(await thief.open('/ui/account'), { identifier: username, password })
      await thief.submit(asked, { code: nextCode(server, secret) })
      const mail = await changeMail(server, thief, freshEmail())
      const notice = await mailCausedBy(server, { to: email, subject: /was changed/ }, () =>
        confirm(thief, mail),
      )
      const { owner, page } = await undo(pathOf(notice))
      await owner.submit(page, { password: owners })
      const next = await owner.submit(await owner.open('/ui/account'), {
        identifier: username,
        password: owners,
      })
      assert.match(next.text, isAsked ? /Enter your code/ : new RegExp(email))
    }
  })

  it('takes passkeys off that were added lately, and leaves older ones', async () => {
    const { person, notice } = await stolen()
    const { env, clock } = server
    const [row] = await select(
      env.DATABASE_URL ?? '',
      `select id from accounts where email = '${person.email}' or username = '${person.username}'`,
    )
    const keys = { older: clock.now() - 8 * 86_400_000, newer: clock.now() - 86_400_000 }
    for (const [id, at] of Object.entries(keys))
      await execute(
        env.DATABASE_URL ?? '',
        `insert into passkeys (realm, id, account_id, rp_id, public_key, counter, transports, aaguid, backup_eligible, backed_up, name, created_at) select realm, '${id}', id, 'localhost', '', 0, '[]', '', 0, 0, '', ${at} from accounts where id = '${row?.id}'`,
      )
    await undo(pathOf(notice))
    const left = await select(
      env.DATABASE_URL ?? '',
      `select id from passkeys where account_id = '${row?.id}'`,
    )
    assert.deepEqual(
      left.map(({ id }) => id),
      ['older'],
    )
  })
})

onEveryEngine('an e-mail address that two accounts want', (engine) => {
  const server = useServer(engine, { cores: coresForCrowds })

  it('goes to one of them, and the other keeps its own', async () => {
    const one = await provenPerson(server)
    const two = await provenPerson(server)
    for (let round = 0; round < 50; round++) {
      const email = freshEmail()
      const mails = [
        await changeMail(server, one.browser, email),
        await changeMail(server, two.browser, email),
      ]
      const answers = await Promise.all(
        [one, two].map(({ browser }, index) => confirm(browser, mails[index] as (typeof mails)[0])),
      )
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409], `round ${round}`)
    }
  })

  it('goes over when each of two wants the unproven one of the other', async () => {
    for (let round = 0; round < 10; round++) {
      const people = [await register(server), await register(server)] as const
      const [one, two] = people
      const browsers = [await signInAtAccount(server, one), await signInAtAccount(server, two)] as const
      const mails = [
        await changeMail(server, browsers[0], two.email),
        await changeMail(server, browsers[1], one.email),
      ] as const
      const answers = await Promise.all([confirm(browsers[0], mails[0]), confirm(browsers[1], mails[1])])
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
        `round ${round}`,
      )
      assert.match((await browsers[0].open('/ui/account/email')).text, new RegExp(two.email))
      assert.match((await browsers[1].open('/ui/account/email')).text, new RegExp(one.email))
    }
  })

  it('is put back once, however many undo the change at the same time', async () => {
    const { person, browser } = await provenPerson(server)
    const mail = await changeMail(server, browser, freshEmail())
    const notice = await mailCausedBy(server, { to: person.email, subject: /was changed/ }, () =>
      confirm(browser, mail),
    )
    const owner = plainBrowser(server)
    const page = await owner.open(pathOf(notice))
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => owner.submit(page, {}, '/ui/undo-change')),
    )
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [200, ...Array(9).fill(404)])
  })
})

describe('the limits of changes of names', () => {
  const server = useServer('sqlite', { limits: { 'name-change-account': 2 } })

  it('count the messages that an account asks for, and say so beside the form', async () => {
    const { browser } = await provenPerson(server)
    assert.equal((await askForEmail(browser, freshEmail())).status, 200)
    const email = freshEmail()
    const refused = await askForEmail(browser, email)
    assert.equal(refused.status, 429)
    assert.match(refused.text, new RegExp(`value="${email}"`))
    assert.equal((await askForPhone(browser, freshPhone())).status, 429)
  })
})

describe('what is kept of changes of names', () => {
  const server = useServer('sqlite')

  it('holds no secret of a link or a code in usable form', async () => {
    const { person, browser } = await provenPerson(server)
    const mail = await changeMail(server, browser, freshEmail())
    const notice = await mailCausedBy(server, { to: person.email, subject: /was changed/ }, () =>
      confirm(browser, mail),
    )
    const secrets = [mail, notice].map(({ links }) => queryOf(links[0], 'token'))
    const needles = secrets.map((secret) => ({ what: secret, bytes: Buffer.from(secret) }))
    assert.deepEqual(found(needles, await everyColumn(server)), [])
    const logged = JSON.stringify(server.log)
    for (const secret of secrets) assert.ok(!logged.includes(secret))
  })

  it('is exported for the account that wants a name, and not for the one that has it', async () => {
    const holder = await provenPerson(server)
    const asker = await provenPerson(server)
    await mailCausedBy(server, { to: holder.person.email, subject: /already have an account/ }, () =>
      askForEmail(asker.browser, holder.person.email),
    )
    const exportOf = async ({ email }: { email: string }): Promise<Exported> =>
      JSON.parse((await runCommand(server, ['account', 'export', email])).stdout)
    const theirs = await exportOf(holder.person)
    const own = await exportOf(asker.person)
    const kindsOf = ({ messages, account }: Exported) =>
      messages.filter(({ email }) => email !== account.email).map(({ kind }) => kind)
    assert.ok(!JSON.stringify(theirs).includes(own.account.id))
    assert.deepEqual(kindsOf(own), ['email-change-mail'])
  })
})

interface Exported {
  account: { id: string; email: string }
  messages: { kind: string; email?: string }[]
}

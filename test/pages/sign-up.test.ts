import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  authorizePath,
  redirectUri,
  refresh,
  refreshTokenOf,
  register,
  whoAmI,
} from '../dialects/pm2/door.ts'
import { type Answer, freshEmail, mailCausedBy, type TestServer, useServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { plainBrowser } from './jar.ts'
import { assertPage } from './page.ts'
import { alike, assertProblem, fieldsOf, stale } from './visitor.ts'

const password = 'plenty of unlikely words'
const confirmation = /^Confirm your e-mail/
const exists = /account/i

/** Begins a login at pm2 and follows the link to the sign-up. */
async function openSignUp(server: TestServer) {
  const browser = plainBrowser(server)
  const signIn = await browser.open(authorizePath())
  const [, path = ''] = /<a href="([^"]*\/sign-up)">New here\? Create an account/.exec(signIn.text) ?? []
  const page = await browser.open(path)
  assertPage(page, 200)
  return { browser, page, path }
}

describe('the sign-up page', () => {
  const server = useServer('sqlite')

  it('opens an account, has its address confirmed, and leads back into the login', async () => {
    const { browser, page } = await openSignUp(server)
    const email = freshEmail()
    const mail = await mailCausedBy(server, { to: email, subject: confirmation }, async () => {
      const sent = await browser.submit(page, { email, password })
      assertPage(sent, 200)
      assert.ok(sent.text.includes(`We have sent an e-mail to ${email}.`), sent.text)
    })
    const { pathname, search } = new URL(mail.links[0] ?? '')
    assert.equal(pathname, '/ui/verify-email')
    const done = await browser.submit(await browser.open(`${pathname}${search}`), {})
    assert.match(done.text, /Your e-mail address is confirmed/)
    const [, signInPath = ''] =
      /<a class="button" href="(\/ui\/l\/[^"]+\/sign-in)"[^>]*>Sign in<\/a>/.exec(done.text) ?? []
    const back = await browser.submit(await browser.open(signInPath), { identifier: email, password })
    const { body } = await refresh(server, refreshTokenOf(back, redirectUri))
    const known = await whoAmI(server, body.access_token)
    assert.deepEqual([known.body.email, known.body.email_valid], [email, true])
  })

  it('does not reveal whether an address has an account: its answer, its cookies and its second mail are the same', async () => {
    const { email: known } = await register(server)
    const answers: Record<string, Answer[]> = {}
    for (const email of [known, freshEmail()]) {
      const { browser, page } = await openSignUp(server)
      const sent = await browser.submit(page, { email, password })
      const again = await browser.submit(sent, {})
      assert.match(again.text, /role="status"[^>]*>We have tried again\./)
      answers[email] = [sent, again]
    }
    const [ofKnown, ofStranger] = Object.entries(answers).map(([email, pages]) =>
      pages.map(({ status, cookies, ...page }) => ({
        status,
        cookies,
        text: withoutLogin(alike(page, email)),
      })),
    )
    assert.deepEqual(ofKnown, ofStranger)
  })

  it('says to the owner of an address alone that it has an account, and leaves that as it is', async () => {
    const person = await register(server)
    const { browser, page } = await openSignUp(server)
    await mailCausedBy(server, { to: person.email, subject: exists }, () =>
      browser.submit(page, { email: person.email.toUpperCase(), password }),
    )
    const signIn = await browser.open(authorizePath())
    assertProblem(
      await browser.submit(signIn, { identifier: person.email, password }),
      401,
      'The e-mail address, the user name or the password is not right.',
    )
  })

  it('refuses what cannot be used, keeps what was typed but the password, and opens no account', async () => {
    const { browser, page, path } = await openSignUp(server)
    const email = freshEmail()
    const wrong: [Record<string, string>, number, RegExp][] = [
      [{ email: 'ada', password }, 400, /Enter an e-mail address, such as/],
      [{ email, password: '' }, 400, /Choose a password/],
      [{ email, password: 'short' }, 400, /must be at least 15 characters/],
      [{ email, password: 'passwordpassword1' }, 400, /too common/],
      [{ email, password: `${email}${email}` }, 400, /contains your name, your address/],
      [{ email, password, form: 'x' }, 403, new RegExp(stale)],
    ]
    for (const [typed, status, text] of wrong) {
      const refused = await browser.submit(page, typed)
      assertPage(refused, status)
      assert.match(refused.text, text)
      assert.equal(fieldsOf(refused).email, typed.email)
      assert.equal(fieldsOf(refused).password, '')
    }
    assertPage(await browser.post(path, { form: '', email, password }), 403)
    await endOfJobs(server)
    assert.ok(!(await server.mailbox()).some(({ to }) => to === email))
  })

  it('is only for those whom an app has sent here, and not for other sites', async () => {
    const { page, path } = await openSignUp(server)
    const stranger = plainBrowser(server)
    for (const answer of [
      await stranger.open(path),
      await stranger.post(path, { ...fieldsOf(page), password }),
    ]) {
      assertPage(answer, 400)
      assert.match(answer.text, /This sign-in is over/)
    }
  })

  it('is there for the account page, too', async () => {
    const browser = plainBrowser(server)
    const signIn = await browser.open('/ui/account')
    const [, path = ''] = /<a href="([^"]*\/sign-up)">/.exec(signIn.text) ?? []
    const email = freshEmail()
    const page = await browser.open(path)
    const { links } = await mailCausedBy(server, { to: email, subject: confirmation }, () =>
      browser.submit(page, { email, password }),
    )
    assert.match(links[0] ?? '', /\/ui\/verify-email\?token=/)
  })
})

describe('the mail of a sign-up', () => {
  const server = useServer('sqlite', { limits: 'real' })

  it('is sent again, but not without end, and the page says when to come back', async () => {
    const { browser, page } = await openSignUp(server)
    let sent = await browser.submit(page, { email: freshEmail(), password })
    for (let count = 0; count < 4; count++) {
      sent = await browser.submit(sent, {})
      assertPage(sent, 200)
    }
    const refused = await browser.submit(sent, {})
    assertPage(refused, 429)
    assert.match(refused.text, /role="alert" id="problem">That was too many e-mails\. Try again in 15 min\./)
    assert.ok(Number(refused.headers.get('retry-after')) > 14 * 60)
  })
})

describe('without signUpPage', () => {
  const server = useServer('sqlite', { yaml: 'realms: { main: { signUpPage: false } }' })

  it('there is no sign-up, and no link to one', async () => {
    const browser = plainBrowser(server)
    const signIn = await browser.open(authorizePath())
    assert.doesNotMatch(signIn.text, /sign-up/)
    const [, path = ''] = /action="(\/ui\/l\/[^"]+)\/sign-in"/.exec(signIn.text) ?? []
    assertPage(await browser.open(`${path}/sign-up`), 404)
    const { form = '' } = fieldsOf(signIn)
    assertPage(await browser.post(`${path}/sign-up`, { form, email: freshEmail(), password }), 404)
    assertPage(await browser.post(`${path}/check-your-mail`, { form, email: freshEmail() }), 404)
  })
})

describe('where a door lets nobody sign up', () => {
  const server = useServer('sqlite', {
    yaml: 'realms: { main: { dialects: { pm2: { registration: off } } } }',
  })

  it('neither do the pages of its logins, nor the account page', async () => {
    for (const path of [authorizePath(), '/ui/account'])
      assert.doesNotMatch((await plainBrowser(server).open(path)).text, /sign-up/)
  })
})

function withoutLogin(text: string): string {
  return text.replaceAll(/\/ui\/l\/[\da-f-]{36}/g, '/ui/l/LOGIN')
}

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { codeAt, toNextStep } from '../dialects/wolfpal/door.ts'
import { freshEmail, mailCausedBy, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { changeMail, pathOf } from './account/names.ts'
import { assertSignedIn, showPassword } from './account/second-step.ts'
import { formsOf } from './html.ts'
import { type PlainBrowser, plainBrowser, signInAtAccount } from './jar.ts'
import { addPasskey, optionsOn, passkeyForm, signInWith } from './passkeys/software-key.ts'
import { fieldsOf } from './visitor.ts'

const chosen = 'what the owner has chosen'

onEveryEngine('an account that a stranger has opened on the sign-up page', (engine) => {
  const server = useServer(engine)

  const ways: Record<string, (squatted: Squatted) => Promise<void>> = {
    'makes it theirs by its mail': async ({ confirmation }) => {
      const owner = plainBrowser(server)
      const page = await owner.open(confirmation)
      const claim = formsOf(page).find(({ fields }) => fields.action === 'claim')
      assert.ok(claim, page.text)
      const sent = await owner.post(claim.action, claim.fields)
      const choose = await owner.open(sent.headers.get('location') ?? '')
      assert.match((await owner.submit(choose, { password: chosen })).text, /Your password is set/)
    },
    'has a link sent for a new password': async ({ email }) => {
      const owner = plainBrowser(server)
      const page = await owner.open('/ui/forgot-password')
      const mail = await mailCausedBy(server, { to: email, subject: /password/i }, () =>
        owner.submit(page, { email }),
      )
      const choose = await owner.open(pathOf(mail))
      assert.match((await owner.submit(choose, { password: chosen })).text, /Your password is set/)
    },
  }

  for (const [what, own] of Object.entries(ways)) {
    it(`holds nothing of the stranger once the owner ${what}`, async () => {
      const squatted = await squat(server)
      const { email, password, browser, key } = squatted
      const elsewhere = plainBrowser(server)
      const signIn = await elsewhere.open('/ui/account')
      const { form = '' } = fieldsOf(signIn)
      const begun = await elsewhere.post(passkeyForm(signIn), { form, passkey: key.sign(optionsOn(signIn)) })
      const change = await changeMail(server, browser, freshEmail())

      await own(squatted)

      assert.match((await browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
      assert.equal((await elsewhere.open(begun.headers.get('location') ?? '')).status, 400)
      assert.equal((await signInWith(server, key)).answer.status, 401)
      assert.match((await showPassword(browser, { username: email, password })).text, /is not right/)
      const owner = plainBrowser(server)
      assertSignedIn(await showPassword(owner, { username: email, password: chosen }))
      const late = await owner.open(pathOf(change))
      assert.ok(!formsOf(late).some(({ action }) => action === '/ui/account/email/confirm'), late.text)
      assert.match((await owner.open('/ui/account/passkeys')).text, /No passkey yet/)
      const devices = await owner.open('/ui/account/security')
      assert.doesNotMatch(devices.text, /trusted-devices\/[\w-]+\/remove/)
    })
  }
})

type Squatted = Awaited<ReturnType<typeof squat>>

/** Opens an account for the address of somebody else, and sets everything up in it that gets one in. */
async function squat(server: TestServer) {
  const [email, password] = [freshEmail(), 'plenty of unlikely words']
  const visitor = plainBrowser(server)
  const [, path = ''] = /<a href="([^"]*\/sign-up)">/.exec((await visitor.open('/ui/account')).text) ?? []
  const page = await visitor.open(path)
  const mail = await mailCausedBy(server, { to: email, subject: /^Confirm your e-mail/ }, () =>
    visitor.submit(page, { email, password }),
  )
  const browser = await signInAtAccount(server, { username: email, password })
  const { key, answer } = await addPasskey(browser)
  assert.match(answer.text, /Passkey added/)
  await trust(server, browser, { username: email, password })
  return { email, password, browser, key, confirmation: pathOf(mail) }
}

/** Sets up a second step, and has the browser be trusted with it. */
async function trust(
  server: TestServer,
  browser: PlainBrowser,
  person: { username: string; password: string },
): Promise<void> {
  const opened = await browser.open('/ui/account/authenticator')
  const form = formsOf(opened).find(({ fields }) => fields.secret)
  const secret = form?.fields.secret ?? assert.fail(opened.text)
  await browser.submit(opened, { code: codeAt(server, secret) }, '/ui/account/authenticator')
  toNextStep(server)
  const signIn = await browser.open('/ui/account/sign-in')
  const asked = await browser.submit(signIn, { identifier: person.username, password: person.password })
  assertSignedIn(await browser.submit(asked, { code: codeAt(server, secret), trust: 'on' }))
  assert.ok(browser.cookies.has('__Host-manydoors-trusted'))
}

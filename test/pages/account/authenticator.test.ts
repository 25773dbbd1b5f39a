import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import {
  codeAt,
  enrol,
  login,
  nextCode,
  registerAndSignIn,
  registerWithSecondFactor,
  toNextStep,
  whoAmI,
  wrongCode,
} from '../../dialects/wolfpal/door.ts'
import { type Answer, onEveryEngine, useServer } from '../../harness/harness.ts'
import { formsOf } from '../html.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'
import { assertAsked, assertSignedIn, showPassword, signInWithCode } from './second-step.ts'

const page = '/ui/account/authenticator'

describe('an authenticator on the account page', () => {
  const server = useServer('sqlite')

  it('is set up with a code of it, and asked for from then on', async () => {
    const person = await registerAndSignIn(server)
    const browser = await signInAtAccount(server, person)
    const opened = await browser.open(page)
    assert.match(opened.text, /<svg class="qr"/)
    const secret = secretOn(opened)
    assert.ok(opened.text.includes(secret.match(/.{4}/g)?.join(' ') ?? 'none'))
    toNextStep(server)
    const done = await browser.submit(opened, { code: codeAt(server, secret) }, page)
    assert.equal(codesOn(done).length, 10)
    await server.mail(person.email, /second factor|second step/i)
    assert.equal((await whoAmI(server, person.access)).status, 401)
    assert.equal((await browser.open('/ui/account/security')).status, 200)
    const other = plainBrowser(server)
    assertAsked(await showPassword(other, person))
    assert.match((await login(server, person)).body.token, /^[0-9A-Za-z]{64}$/)
  })

  it('changes nothing before that, and goes on with the same secret after a wrong code', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const opened = await browser.open(page)
    const secret = secretOn(opened)
    const refused = await browser.submit(opened, { code: wrongCode(server, secret) }, page)
    assert.equal(refused.status, 400)
    assert.match(refused.text, /clock of your phone/)
    assert.equal(secretOn(refused), secret)
    assert.equal((await browser.submit(refused, { code: ' ' }, page)).status, 400)
    assertSignedIn(await showPassword(plainBrowser(server), person))
    assert.notEqual(secretOn(await browser.open(page)), secret)
  })

  it('takes no secret that was not offered to this session', async () => {
    const [one, other] = [await register(server), await register(server)]
    const foreign = await (await signInAtAccount(server, other)).open(page)
    const browser = await signInAtAccount(server, one)
    const opened = await browser.open(page)
    const { secret = '', seal = '' } = formOn(foreign)
    toNextStep(server)
    for (const typed of [
      { secret, seal },
      { secret, seal: formOn(opened).seal ?? '' },
      { secret: 'x', seal: 'x' },
    ]) {
      const code = codeAt(server, secret)
      const refused = await browser.submit(opened, { ...typed, code }, page)
      assert.equal(refused.status, 400)
      assert.notEqual(secretOn(refused), secret)
    }
    assertSignedIn(await showPassword(plainBrowser(server), one))
  })

  it('shows the recovery codes once: whoever sends the form again sees none', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const opened = await browser.open(page)
    toNextStep(server)
    const typed = { code: codeAt(server, secretOn(opened)) }
    const [first] = codesOn(await browser.submit(opened, typed, page))
    const again = await browser.submit(opened, typed, page)
    assert.match(again.text, /Your second step is on/)
    assert.ok(first && !again.text.includes(first))
    const codes = await browser.open('/ui/account/recovery-codes')
    assert.match(codes.text, /10 left/)
    assert.ok(!codes.text.includes(first))
  })

  it('is never one that somebody else has begun with', async () => {
    const person = await registerAndSignIn(server)
    const { secret } = await enrol(server, person.access)
    const browser = await signInAtAccount(server, person)
    const opened = await browser.open(page)
    assert.notEqual(secretOn(opened), secret)
    toNextStep(server)
    const refused = await browser.submit(opened, { code: codeAt(server, secret) }, page)
    assert.equal(refused.status, 400)
    const done = await browser.submit(opened, { code: codeAt(server, secretOn(opened)) }, page)
    assert.equal(codesOn(done).length, 10)
  })

  it('is turned off, which tells the owner and ends all other sessions', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person)
    const done = await browser.submit(await browser.open(page), {}, `${page}/remove`)
    assert.match(done.text, /Your second step is off/)
    assert.match(done.text, /You have no second step/)
    await server.mail(person.email, /removed|turned off|off/i)
    assert.equal((await whoAmI(server, person.access)).status, 401)
    assertSignedIn(await showPassword(plainBrowser(server), person))
  })

  it('is neither set up nor turned off without a proof of ten minutes', async () => {
    const one = await signInAtAccount(server, await register(server))
    const opened = await one.open(page)
    const other = await signInWithCode(server, await registerWithSecondFactor(server))
    const on = await other.open(page)
    server.clock.advance(10 * 60_000 + 1)
    const code = nextCode(server, secretOn(opened))
    for (const asked of [
      await one.submit(opened, { code }, page),
      await other.submit(on, {}, `${page}/remove`),
    ])
      assert.match(asked.text, /<h1>Show that it is you<\/h1>/)
  })
})

onEveryEngine('two who set up an authenticator at once', (engine) => {
  const server = useServer(engine)

  it('are one who gets recovery codes', async () => {
    const person = await register(server)
    const browsers = await Promise.all([1, 2, 3].map(() => signInAtAccount(server, person)))
    const pages = await Promise.all(browsers.map((browser) => browser.open(page)))
    toNextStep(server)
    const answers = await Promise.all(
      pages.map((opened, index) => {
        const form = { ...formOn(opened), code: codeAt(server, secretOn(opened)) }
        return browsers[index]?.post(page, form)
      }),
    )
    const winners = answers.filter((answer) => answer?.text.includes('Save your recovery codes'))
    assert.equal(winners.length, 1)
    for (const answer of answers) assert.ok((answer?.status ?? 500) < 500)
  })
})

function formOn(answer: Answer): Record<string, string> {
  return formsOf(answer).find(({ action }) => action === page)?.fields ?? {}
}

function secretOn(answer: Answer): string {
  return formOn(answer).secret ?? assert.fail(answer.text)
}

function codesOn({ status, text }: Answer): string[] {
  assert.equal(status, 200, text)
  return [...text.matchAll(/<li>([a-z\d]{4}-[a-z\d]{4}-[a-z\d]{4})<\/li>/g)].map(([, code = '']) => code)
}

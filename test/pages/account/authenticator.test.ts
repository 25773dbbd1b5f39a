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
import { type PlainBrowser, plainBrowser, signInAtAccount } from '../jar.ts'
import { assertAsked, assertSignedIn, showPassword, signInWithCode } from './second-step.ts'

const page = '/ui/account/authenticator'
const newPage = `${page}/new`

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
    const opened = await browser.open(page)
    const done = await browser.submit(opened, {}, removalsOn(opened)[0])
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
      await other.submit(on, {}, removalsOn(on)[0]),
    ])
      assert.match(asked.text, /<h1>Show that it is you<\/h1>/)
  })
})

onEveryEngine('several authenticators on the account page', (engine) => {
  const server = useServer(engine)

  const add = async (browser: PlainBrowser, name: string) => {
    const opened = await browser.open(newPage)
    const secret = secretOn(opened, newPage)
    toNextStep(server)
    const typed = { name, code: codeAt(server, secret) }
    return { opened, secret, typed, done: await browser.submit(opened, typed, newPage) }
  }

  it('are added beside the first, and each signs in and leaves the recovery codes as they are', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person)
    const { opened, typed, secret, done } = await add(browser, ' <b>Tablet ')
    assert.match(done.text, /The app is added/)
    assert.match(done.text, /&lt;b&gt;Tablet</)
    assert.equal(removalsOn(done).length, 2)
    await server.mail(person.email, /second factor|second step/i)
    assert.equal((await whoAmI(server, person.access)).status, 401)
    assert.match((await browser.open('/ui/account/security')).text, /· 2 apps[\s\S]*10 left/)
    // Sent once more, it is there once.
    assert.equal(removalsOn(await browser.submit(opened, typed, newPage)).length, 2)
    await signInWithCode(server, { ...person, secret })
    await signInWithCode(server, person)
  })

  it('have names of their own, and are five at most', async () => {
    const browser = await signInWithCode(server, await registerWithSecondFactor(server))
    assert.match((await add(browser, 'Tablet')).done.text, /The app is added/)
    const taken = await add(browser, 'Tablet')
    assert.equal(taken.done.status, 409)
    assert.match(taken.done.text, /Another app of yours has this name/)
    assert.equal(secretOn(taken.done, newPage), taken.secret)
    const long = await browser.submit(taken.opened, { ...taken.typed, name: 'n'.repeat(101) }, newPage)
    assert.match(long.text, /This cannot be a name/)
    const wrong = { ...taken.typed, name: 'Watch', code: wrongCode(server, taken.secret) }
    assert.match((await browser.submit(taken.opened, wrong, newPage)).text, /clock of your phone/)
    for (const name of ['Watch', '', ''])
      assert.match((await add(browser, name)).done.text, /The app is added/)
    const full = await browser.open(newPage)
    assert.equal(removalsOn(full).length, 5)
    assert.ok(!full.text.includes(newPage))
    const late = { ...taken.typed, name: '', code: codeAt(server, taken.secret) }
    assert.equal(removalsOn(await browser.submit(taken.opened, late, newPage)).length, 5)
  })

  it('are removed one by one: those that are left go on, and the last one turns it off', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person)
    const { secret, done } = await add(browser, 'Tablet')
    const other = await signInWithCode(server, { ...person, secret })
    const [first = '', second = ''] = removalsOn(done)
    const left = await browser.submit(done, {}, first)
    assert.match(left.text, /Removed: Authenticator app\./)
    assert.deepEqual(removalsOn(left), [second])
    await server.mail(person.email, /second factor|second step/i)
    assert.match((await other.open('/ui/account')).text, /<h1>Sign in/)
    const asked = await showPassword(plainBrowser(server), person)
    assertAsked(asked)
    assert.equal(
      (await plainBrowser(server).submit(asked, { code: nextCode(server, person.secret) })).status,
      400,
    )
    await signInWithCode(server, { ...person, secret })
    assert.match((await browser.open('/ui/account/security')).text, /10 left/)
    assert.match((await browser.submit(done, {}, first)).text, /<h1>Security<\/h1>/)
    assert.match((await browser.submit(left, {}, second)).text, /Your second step is off/)
    assertSignedIn(await showPassword(plainBrowser(server), person))
  })

  it('are nobody else’s to remove, and none is added without one or without a proof', async () => {
    const [one, other] = [await registerWithSecondFactor(server), await registerWithSecondFactor(server)]
    const mine = await signInWithCode(server, one)
    const theirs = await signInWithCode(server, other)
    const [foreign = ''] = removalsOn(await theirs.open(page))
    const opened = await mine.open(page)
    const { form = '' } = formsOf(opened).find(({ action }) => action === removalsOn(opened)[0])?.fields ?? {}
    await mine.post(foreign, { form })
    assert.equal(removalsOn(await theirs.open(page)).length, 1)
    assert.equal(removalsOn(await mine.open(page)).length, 1)

    const none = await signInAtAccount(server, await register(server))
    assert.match((await none.open(newPage)).text, /You get recovery codes next/)
    const adding = await mine.open(newPage)
    server.clock.advance(10 * 60_000 + 1)
    const typed = { code: codeAt(server, secretOn(adding, newPage)) }
    assert.match((await mine.submit(adding, typed, newPage)).text, /<h1>Show that it is you<\/h1>/)
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

function formOn(answer: Answer, path = page): Record<string, string> {
  return formsOf(answer).find(({ action }) => action === path)?.fields ?? {}
}

function secretOn(answer: Answer, path = page): string {
  return formOn(answer, path).secret ?? assert.fail(answer.text)
}

/** What removes each of the authenticators that a page shows, in their order. */
function removalsOn(answer: Answer): string[] {
  return formsOf(answer).flatMap(({ action }) =>
    action.startsWith(`${page}/`) && action.endsWith('/remove') ? [action] : [],
  )
}

function codesOn({ status, text }: Answer): string[] {
  assert.equal(status, 200, text)
  return [...text.matchAll(/<li>([a-z\d]{4}-[a-z\d]{4}-[a-z\d]{4})<\/li>/g)].map(([, code = '']) => code)
}

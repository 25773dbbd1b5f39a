import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { answerChallenge, challengeFor, registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { type Answer, onEveryEngine, useServer } from '../../harness/harness.ts'
import { formsOf } from '../html.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'
import { assertAsked, showPassword, signInWithCode } from './second-step.ts'

const page = '/ui/account/recovery-codes'

describe('the recovery codes on the account page', () => {
  const server = useServer('sqlite')

  it('are replaced as a whole, which tells the owner', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person)
    const codes = codesOn(await browser.submit(await browser.open(page), {}, page))
    assert.equal(codes.length, 10)
    await server.mail(person.email, /recovery codes/i)
    const challenge = await challengeFor(server, person)
    assert.notEqual((await answerChallenge(server, challenge, person.backupCodes[0] ?? '')).status, 200)
    assert.equal((await answerChallenge(server, challenge, codes[0] ?? '')).status, 200)
  })

  it('are replaced once by a form that is sent twice, and shown once', async () => {
    const browser = await signInWithCode(server, await registerWithSecondFactor(server))
    const opened = await browser.open(page)
    const [first = ''] = codesOn(await browser.submit(opened, {}, page))
    const again = await browser.submit(opened, {}, page)
    assert.match(again.text, /replaced a moment ago/)
    assert.doesNotMatch(again.text, new RegExp(first))
  })

  it('are handed back as a file, and nothing else is', async () => {
    const browser = await signInWithCode(server, await registerWithSecondFactor(server))
    const shown = await browser.submit(await browser.open(page), {}, page)
    const file = await browser.submit(shown, {}, `${page}/download`)
    assert.equal(file.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.match(file.headers.get('content-disposition') ?? '', /^attachment;/)
    assert.equal(file.headers.get('cache-control'), 'no-store')
    assert.deepEqual(file.text.trim().split('\n'), codesOn(shown))
    const other = await browser.submit(shown, { codes: '<script>' }, `${page}/download`)
    assert.doesNotMatch(other.headers.get('content-type') ?? '', /plain/)
  })

  it('warn once three are left, on the page and after signing in with one', async () => {
    const person = await registerWithSecondFactor(server)
    for (const code of person.backupCodes.slice(0, 6))
      await answerChallenge(server, await challengeFor(server, person), code)
    const browser = plainBrowser(server)
    const asked = await showPassword(browser, person)
    const [, action = ''] = /action="([^"]+\/recovery-code)"/.exec(asked.text) ?? []
    const recovery = await browser.submit(asked, {}, action)
    assert.match(recovery.text, /<h1>Enter a recovery code<\/h1>/)
    const wrong = await browser.submit(recovery, { code: 'wrong' }, action)
    assert.equal(wrong.status, 401)
    assert.match(wrong.text, /The recovery code is not right/)
    const code = person.backupCodes[6]?.toUpperCase() ?? ''
    const signedIn = await browser.submit(wrong, { code }, action)
    assert.match(signedIn.text, /Recovery codes left: 3/)
    const { text } = await browser.open('/ui/account/security')
    assert.match(text, /<p class="warning">Recovery codes left: 3/)
    assert.equal((await browser.open(page)).text.match(/Used on/g)?.length, 7)
  })

  it('are not there without a second step', async () => {
    const browser = await signInAtAccount(server, await register(server))
    assert.match((await browser.open(page)).text, /Scan the picture/)
  })

  it('lead back from their page to that of the authenticator, and make no device trusted', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const asked = await showPassword(browser, person)
    const [, action = ''] = /action="([^"]+\/recovery-code)"/.exec(asked.text) ?? []
    const recovery = await browser.submit(asked, {}, action)
    assertAsked(await browser.submit(recovery, {}, action.replace('recovery-code', 'second-factor')))
    const { form = '', challenge = '' } = formsOf(recovery)[0]?.fields ?? {}
    const code = person.backupCodes[0] ?? ''
    const answer = await browser.post(action, { form, challenge, code, trust: 'on' })
    assert.equal(answer.status, 303)
    assert.equal(browser.cookies.has('__Host-manydoors-trusted'), false)
  })
})

onEveryEngine('a recovery code at the page', (engine) => {
  const server = useServer(engine)

  it('is good once, however many send it at once', async () => {
    const person = await registerWithSecondFactor(server)
    const browsers = [1, 2, 3, 4].map(() => plainBrowser(server))
    const pages = await Promise.all(browsers.map((browser) => showPassword(browser, person)))
    // Each challenge replaces none of the others.
    const answers = await Promise.all(
      pages.map((asked, index) => {
        const [first, second] = formsOf(asked)
        const code = person.backupCodes[0] ?? ''
        return browsers[index]?.post(second?.action ?? '', { ...first?.fields, code })
      }),
    )
    assert.equal(answers.filter((answer) => answer?.status === 303).length, 1)
    for (const answer of answers) assert.ok((answer?.status ?? 500) < 500)
  })

  it('is replaced once, however many send the form at once', async () => {
    const browser = await signInWithCode(server, await registerWithSecondFactor(server))
    const opened = await browser.open(page)
    const { fields = {} } = formsOf(opened).find(({ action }) => action === page) ?? {}
    const answers = await Promise.all([1, 2, 3, 4].map(() => browser.post(page, fields)))
    assert.equal(answers.filter(({ text }) => text.includes('Save your recovery codes')).length, 1)
    assert.equal(answers.filter(({ status }) => status === 303).length, 3)
  })
})

function codesOn({ status, text }: Answer): string[] {
  assert.equal(status, 200, text)
  return [...text.matchAll(/<li>([a-z\d]{4}-[a-z\d]{4}-[a-z\d]{4})<\/li>/g)].map(([, code = '']) => code)
}

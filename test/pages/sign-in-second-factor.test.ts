import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { beginLogin, password, redirectUri, refresh, refreshTokenOf } from '../dialects/pm2/door.ts'
import {
  answerChallenge,
  challengeFor,
  nextCode,
  registerWithSecondFactor,
  wrongCode,
} from '../dialects/wolfpal/door.ts'
import { useServer } from '../harness/harness.ts'
import { formsOf } from './html.ts'
import { assertPage } from './page.ts'
import { assertOver, assertProblem, assertProven, browse, fieldsOf, stale } from './visitor.ts'

describe('the sign-in page of an account with a second factor', () => {
  const server = useServer('sqlite')
  const codeWrong = 'The code is not right. Wait for the next one and try again.'
  const dead = 'There were too many wrong codes, or it took too long. Please sign in again.'

  async function toSecondFactor() {
    const person = await registerWithSecondFactor(server)
    const browser = browse(server, await beginLogin(server))
    const typed = { identifier: person.username, password }
    const page = await browser.submit(await browser.open('/ui/sign-in'), typed)
    assertPage(page, 200, redirectUri)
    assert.match(page.text, /<h1>Enter your code<\/h1>/)
    return { person, browser, page }
  }

  it('asks for a code, and leads back to the app', async () => {
    const { person, browser, page } = await toSecondFactor()
    const proven = await browser.submit(page, { code: nextCode(server, person.secret) })
    const token = refreshTokenOf(await browser.open(assertProven(proven)), redirectUri)
    assert.equal((await refresh(server, token)).status, 200)
  })

  it('accepts a recovery code, and an authenticator code with a space in it', async () => {
    const { person, browser, page } = await toSecondFactor()
    const code = nextCode(server, person.secret)
    assertProven(await browser.submit(page, { code: `${code.slice(0, 3)} ${code.slice(3)}` }))
    const again = await toSecondFactor()
    assertProven(await again.browser.submit(again.page, { code: again.person.backupCodes[0] ?? '' }))
  })

  it('allows five wrong codes, and then asks for the password again', async () => {
    const { person, browser, page: first } = await toSecondFactor()
    const code = wrongCode(server, person.secret)
    let page = first
    for (let times = 0; times < 5; times++) {
      page = await browser.submit(page, { code })
      assertProblem(page, 401, codeWrong)
      assert.equal(fieldsOf(page).challenge, fieldsOf(first).challenge)
    }
    const worn = await browser.submit(page, { code: nextCode(server, person.secret) })
    assertProblem(worn, 401, dead)
    const typed = { identifier: person.username, password }
    const fresh = await browser.submit(worn, typed)
    assertProven(await browser.submit(fresh, { code: nextCode(server, person.secret) }))
  })

  it('accepts a code once', async () => {
    const { person, browser, page } = await toSecondFactor()
    const code = nextCode(server, person.secret)
    const path = assertProven(await browser.submit(page, { code }))
    assertProblem(await browser.submit(page, { code }), 401, dead)
    const other = browse(server, await beginLogin(server))
    const typed = { identifier: person.username, password }
    const asked = await other.submit(await other.open('/ui/sign-in'), typed)
    assertProblem(await other.submit(asked, { code }), 401, codeWrong)
    refreshTokenOf(await browser.open(path), redirectUri)
  })

  it('asks for a code when none is typed, and for the password when the form is foreign', async () => {
    const { browser, page } = await toSecondFactor()
    assertProblem(await browser.submit(page, { code: ' ' }), 400, 'Enter a code.')
    const foreign = await browser.submit(page, { code: '123456', form: 'x' })
    assertProblem(foreign, 403, stale)
    assert.match(foreign.text, /<h1>Sign in<\/h1>/)
    assertProblem(await browser.submit(page, { code: '123456', challenge: 'x' }), 401, dead)
    const reloaded = await browser.open('/ui/sign-in/second-factor')
    assert.deepEqual([reloaded.status, reloaded.headers.get('location')], [303, '/ui/sign-in'])
  })

  it('takes codes of both kinds from a form of before there was a page for each', async () => {
    const first = await toSecondFactor()
    for (const kind of ['authenticator', 'recovery'] as const) {
      const { person, browser, page } = kind === 'recovery' ? await toSecondFactor() : first
      const { form = '', challenge = '' } = fieldsOf(page)
      const code = kind === 'recovery' ? (person.backupCodes[0] ?? '') : nextCode(server, person.secret)
      assertProven(await browser.post('/ui/sign-in/second-factor', { form, challenge, code }))
    }
  })

  it('leads to a page for recovery codes and back, with the same challenge', async () => {
    const { person, browser, page } = await toSecondFactor()
    const path = formsOf(page)[1]?.action ?? ''
    const { form = '', challenge = '' } = fieldsOf(page)
    const recovery = await browser.post(path, { form, challenge })
    assertPage(recovery, 200, redirectUri)
    assert.match(recovery.text, /<h1>Enter a recovery code<\/h1>/)
    const wrongCode = 'The recovery code is not right, or it was used before.'
    assertProblem(await browser.submit(recovery, { code: 'none' }), 401, wrongCode)
    assertProblem(await browser.submit(recovery, { code: '' }), 400, 'Enter a code.')
    assertProven(await browser.submit(recovery, { code: person.backupCodes[0] ?? '' }))
    assert.match((await browser.open(path)).text, /<h1>Sign in<\/h1>/)
  })

  it('says how many recovery codes are left before it leads back, from three on', async () => {
    const { person, browser, page } = await toSecondFactor()
    const [last = '', ...codes] = person.backupCodes
    for (const code of codes.slice(0, 6))
      await answerChallenge(server, await challengeFor(server, person), code)
    const told = await browser.submit(page, { code: last })
    assertPage(told, 200, redirectUri)
    assert.match(told.text, /<h1>Recovery codes left: 3<\/h1>/)
    // Whoever reads for a while needs no other code.
    server.clock.advance(5 * 60_000)
    const [, next = ''] = /class="button" href="([^"]+)"/.exec(told.text) ?? []
    refreshTokenOf(await browser.open(next), redirectUri)
  })

  it('does not continue without the code, whatever else is sent', async () => {
    const { person, browser, page } = await toSecondFactor()
    const { form = '', challenge = '' } = fieldsOf(page)
    const typed = { identifier: person.username, password, form, challenge, code: '' }
    assertPage(await browser.post('/ui/sign-in', typed), 200, redirectUri)
    assertOver(await browser.open(`/api/oauth/authorize/done?code=${challenge}`))
    assertOver(await browser.open('/api/oauth/authorize/done'))
    assertProblem(await browser.post('/ui/sign-in/second-factor', typed), 400, 'Enter a code.')
  })
})

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assertBody, authorizePath, beginLogin, freshPerson, register } from '../dialects/pm2/door.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { assertPage } from './page.ts'
import { assertProblem, browse, wrong } from './visitor.ts'

onEveryEngine('the sign-in page at its limits', (engine) => {
  const server = useServer(engine, { limits: 'real' })

  it('stops guesses at a password, and says when to come back', async () => {
    const person = await register(server)
    const browser = browse(server, await beginLogin(server))
    const page = await browser.open('/ui/sign-in')
    const guess = (password: string) => browser.submit(page, { identifier: person.username, password })
    for (let guesses = 0; guesses < 10; guesses++) assertProblem(await guess(`guess ${guesses}`), 401, wrong)
    for (const password of ['guess 10', person.password]) {
      const refused = await guess(password)
      assertProblem(refused, 429, 'Too many attempts. Try again in 15 minutes.')
      assert.ok(Number(refused.headers.get('retry-after')) > 0)
    }
  })

  it('stops requests for links, and says when to come back', async () => {
    const { email } = freshPerson()
    const browser = browse(server, await beginLogin(server))
    const page = await browser.open('/ui/forgot-password')
    for (let times = 0; times < 5; times++) assertPage(await browser.submit(page, { email }), 200)
    const refused = await browser.submit(page, { email })
    assertPage(refused, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
  })

  it('stops one IP from beginning logins without end', async () => {
    let answer = await server.request('GET', authorizePath())
    for (let begun = 0; begun < 300 && answer.status === 302; begun++)
      answer = await server.request('GET', authorizePath())
    assertPage(answer, 429)
    assert.ok(Number(answer.headers.get('retry-after')) > 0)
    assert.deepEqual(answer.cookies, [])
    const { access: bearer } = await register(server)
    assertBody(await server.request('GET', '/api/bucket', { bearer }), 200, [])
  })
})

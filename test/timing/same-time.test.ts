import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { authorizePath } from '../dialects/pm2/door.ts'
import { register } from '../harness/doors.ts'
import { type Answer, freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import { assertSameTime, type Who } from '../harness/same-time.ts'
import { plainBrowser } from '../pages/jar.ts'
import { fieldsOf } from '../pages/visitor.ts'

onEveryEngine('known and unknown accounts', (engine) => {
  const server = useServer(engine, { hashing: 'real' })
  const known = freshEmail()
  const unknown = known.replace('person', 'nobody')
  before(() => register(server, { email: known, password: '12345678' }))

  const emailOf = (who: Who) => (who === 'known' ? known : unknown)
  const post = (path: string, json: object) => server.request('POST', path, { json })
  const password = 'not the password'
  const signIn = (email: string) => post('/api/co/auth/sign-in', { email, password })
  const forgot = (email: string) => post('/api/co/auth/forgot-password', { email })

  it('get the same answer to a wrong password', async () => {
    assertSameAnswers(await signIn(known), await signIn(unknown), 401)
    const atCredebl = (email: string) => post('/auth/signin', { email, password })
    assertSameAnswers(await atCredebl(known), await atCredebl(unknown), 401)
  })

  it('get the same answer when a password is forgotten', async () => {
    assertSameAnswers(await forgot(known), await forgot(unknown), 200)
    const atCredebl = async (email: string) => {
      const answer = await post('/auth/forgot-password', { email })
      const { id, email: echo } = answer.body.data
      assert.match(id, /^[0-9a-f-]{36}$/)
      assert.equal(echo, email)
      return { ...answer, text: answer.text.replace(id, '').replace(email, '') }
    }
    assertSameAnswers(await atCredebl(known), await atCredebl(unknown), 200)
  })

  it('wait equally long for a wrong password', () =>
    assertSameTime(150, (who) => ({
      url: `${server.url}/api/co/auth/sign-in`,
      json: { email: emailOf(who), password },
    })))

  it('wait equally long when a password is forgotten', () =>
    assertSameTime(300, (who) => ({
      url: `${server.url}/api/co/auth/forgot-password`,
      json: { email: emailOf(who) },
    })))

  it('wait equally long when they sign up on the page', async () => {
    const browser = plainBrowser(server)
    const signIn = await browser.open(authorizePath())
    const [, path = ''] = /<a href="([^"]*\/sign-up)">/.exec(signIn.text) ?? []
    const { form = '' } = fieldsOf(await browser.open(path))
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    await assertSameTime(150, (who) => ({
      url: `${server.url}${path}`,
      headers: { cookie },
      // Whoever was unknown is known from then on.
      json: {
        form,
        email: who === 'known' ? known : freshEmail(),
        password: 'plenty of unlikely words',
      },
    }))
  })

  // SQLite is written on the thread that answers, so what the job has to write could be felt by whoever comes next.
  it('delay the next request equally long when a password is forgotten', () =>
    assertSameTime(
      300,
      (who) => ({ url: `${server.url}/api/co/auth/forgot-password`, json: { email: emailOf(who) } }),
      { url: `${server.url}/api/co/auth/sign-out`, json: {} },
    ))
})

function assertSameAnswers(known: Answer, unknown: Answer, status: number): void {
  const [first, second] = [known, unknown].map(({ status, text, headers, cookies }) => {
    const names = [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id')
    return { status, text, headers: names, cookies }
  })
  assert.deepEqual(first, second)
  assert.equal(known.status, status)
}

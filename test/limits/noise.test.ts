import assert from 'node:assert/strict'
import { it } from 'node:test'
import { enrol, registerAndSignIn } from '../dialects/wolfpal/door.ts'
import { minbil } from '../harness/doors.ts'
import { type Answer, freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import {
  assertLimited,
  assertStatus,
  behindProxy,
  freshAddress,
  from,
  post,
  signIn,
  signUp,
} from './callers.ts'

const few = 3

onEveryEngine('limits on what is no good', (engine) => {
  const server = useServer(engine, {
    env: behindProxy,
    limits: { 'ticket-address': few, 'refresh-address': few, 'probe-address': few, 'enrolment-account': few },
  })

  const badTickets: Record<string, (address: string) => Promise<Answer>> = {
    'a link at its API': (address) =>
      post(server, address, '/reset-password', { token: 'none', password: '12345678' }),
    'a link at its page': (address) => from(server, address).request('GET', '/ui/reset-password?token=none'),
    'the form of a page': (address) =>
      from(server, address).request('POST', '/ui/reset-password', {
        form: { token: 'none', password: '12345678' },
      }),
    'a confirmation at its page': (address) =>
      from(server, address).request('GET', '/ui/verify-email?token=none'),
    'a confirmation at its API': (address) =>
      from(server, address).request('GET', '/auth/verify?email=a@b.example&verificationCode=none'),
    'a challenge': (address) =>
      post(server, address, '/two-factor', { two_factor_token: 'none', code: '123456' }),
    'the end of a sign-in': (address) =>
      from(server, address).request('GET', '/api/oauth/authorize/done?code=none'),
  }

  for (const [what, send] of Object.entries(badTickets)) {
    it(`refuse ${what} that is no good more often than that`, async () => {
      const address = freshAddress()
      for (let count = 0; count < few; count++) {
        const { status } = await send(address)
        assert.ok(status >= 400 && status < 500 && status !== 429, `${status}`)
      }
      const refused = await send(address)
      assert.equal(refused.status, 429, refused.text)
      assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      assert.notEqual((await send(freshAddress())).status, 429)
    })
  }

  it('count them all together', async () => {
    const address = freshAddress()
    const all = Object.values(badTickets)
    for (const send of all.slice(0, few)) assert.notEqual((await send(address)).status, 429)
    for (const send of all) assert.equal((await send(address)).status, 429)
  })

  it('refuse no refresh token that is good, after however many that are not', async () => {
    const [address, person] = [freshAddress(), await signUp(server)]
    const { refresh } = minbil.tokensOf(await signIn(server, address, person))
    const bad = () => post(server, address, '/refresh', { refresh_token: 'none' })
    for (let count = 0; count < few; count++) assertStatus(401, await bad())
    assertLimited(await bad())
    assertStatus(200, await post(server, address, '/refresh', { refresh_token: refresh }))
    assertLimited(await bad())
  })

  it('let nobody find out by signing up who has an account', async () => {
    const person = await signUp(server)
    const address = freshAddress()
    const again = () => post(server, address, '/sign-up', person)
    for (let count = 0; count < few; count++) assertStatus(409, await again())
    assertLimited(await again())
    assertLimited(await post(server, address, '/sign-up', { ...person, email: freshEmail() }))
  })

  it('let nobody find out by signing up which user names are taken', async () => {
    const { username } = await registerAndSignIn(server)
    const target = from(server, freshAddress())
    const again = () =>
      target.request('POST', '/auth/register', {
        json: { username, email: freshEmail(), password: '12345678' },
      })
    for (let count = 0; count < few; count++) assertStatus(409, await again())
    assert.equal((await again()).status, 429)
  })

  it('let people sign up who take nothing from anybody, as often as they want', async () => {
    const address = freshAddress()
    for (let count = 0; count < few + 2; count++) {
      const person = { email: freshEmail(), password: '12345678' }
      assertStatus(201, await post(server, address, '/sign-up', person))
    }
  })

  it('limit how many authenticator secrets are made', async () => {
    const { access } = await registerAndSignIn(server)
    for (let count = 0; count < few; count++) await enrol(server, access)
    const refused = await server.request('POST', '/account/two-factor', { bearer: access })
    assert.equal(refused.status, 429, refused.text)
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    const other = await registerAndSignIn(server)
    await enrol(server, other.access)
  })
})

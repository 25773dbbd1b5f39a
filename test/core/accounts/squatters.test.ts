import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as vastly from '../../dialects/vastly/door.ts'
import * as wolfpal from '../../dialects/wolfpal/door.ts'
import { jsonOf, runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { credebl, minbil, signUpVerified } from '../../harness/doors.ts'
import {
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  queryOf,
  type TestServer,
  useServer,
} from '../../harness/harness.ts'
import { type HeldRequest, holdBody } from '../../harness/held-body.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { own, requestedCode, squat, squatted } from '../../harness/squatting.ts'
import { behindProxy, freshAddress, from, type Target } from '../../limits/callers.ts'

onEveryEngine('a squatter of an account', (engine) => {
  const server = useServer(engine)

  it('proves no own name by the old password while the owner sets a new one', async () => {
    for (let round = 0; round < 4; round++) {
      const [email, mobile] = [freshEmail(), vastly.freshPhone()]
      await vastly.register(server, { email, mobile })
      const { links } = await server.mail(email, /^Confirm/)
      // The squatter's link asks for the password from when another name is being proven.
      const resent = await mailCausedBy(server, { to: email, subject: /WolfPal/ }, () =>
        wolfpal.send(server, 'POST', '/user/activate-account/resend', { json: { email } }),
      )
      const token = await vastly.sentCode(server, mobile)
      const form = { token: queryOf(resent.links[0], 'token'), password: vastly.password }
      const noise = Array.from({ length: 6 }, () =>
        minbil.signIn(server, { email: freshEmail(), password: own }),
      )
      const [reset, confirmed] = await Promise.all([
        vastly.resetBySms(server, { token, password: own }),
        server.request('POST', '/ui/verify-email', { form }),
        ...noise,
      ])
      assert.equal([reset.status, confirmed.status].filter((status) => status === 200).length, 1)
      assert.ok(links.length > 0)
    }
  })

  it('does nothing with a request from before the owner got in', async (test) => {
    const person = await wolfpal.register(server)
    const { access: bearer } = await wolfpal.signIn(server, person)
    const { secret } = await wolfpal.enrol(server, bearer)
    const hold = (method: string, path: string, json?: object) =>
      holdBody(server, { method, path, bearer, json })
    const held: HeldRequest[] = []
    test.after(() => {
      for (const request of held) request.drop()
    })
    for (const [method, path, json] of [
      ['POST', '/account/two-factor'],
      ['PUT', '/account/two-factor', { code: wolfpal.nextCode(server, secret) }],
      ['GET', '/account'],
      ['GET', '/sessions'],
      ['DELETE', '/sessions'],
      ['PUT', '/account/change-password', { oldPassword: person.password, newPassword: squatted }],
    ] as [string, string, object?][])
      held.push(await hold(method, path, json))

    const mail = await mailCausedBy(server, { to: person.email, subject: /new password/ }, () =>
      wolfpal.send(server, 'POST', '/user/forgot-password', { json: { email: person.email } }),
    )
    const reset = { password: own, confirmPassword: own }
    const path = `/user/reset-password/${queryOf(mail.links[0], 'token')}`
    assert.equal((await wolfpal.send(server, 'POST', path, { json: reset })).status, 200)
    const { access } = await wolfpal.signIn(server, { ...person, password: own })

    for (const request of held) assert.equal(await request.send(), 401)
    const { status, body } = await wolfpal.whoAmI(server, access)
    assert.deepEqual([status, body.user?.twoFactor], [200, false])
    await wolfpal.signIn(server, { ...person, password: own })
  })

  it('gets no internal error for a link that is used up', async () => {
    const email = await squat(server)
    const { links } = await server.mail(email, /^Confirm/)
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set disabled_at = 1 where email = '${email}'`,
    )
    const token = queryOf(links[0], 'token')
    const forms: Record<string, string>[] = [{ token, action: 'claim' }, { token }]
    for (const form of forms)
      assert.equal((await server.request('POST', '/ui/verify-email', { form })).status, 404)
    const [row] = await select(
      server.env.DATABASE_URL ?? '',
      `select email_verified_at from accounts where email = '${email}'`,
    )
    assert.equal(row?.email_verified_at, null)
  })

  it('signs nobody up at credebl with a link of another door', async () => {
    const email = await squat(server)
    await server.mail(email, /Minbil/)
    const { links } = await mailCausedBy(server, { to: email, subject: /WolfPal/ }, () =>
      wolfpal.send(server, 'POST', '/user/activate-account/resend', { json: { email } }),
    )
    const code = queryOf(links[0], 'token')
    assert.equal((await signUpVerified(server, { email, password: own }, code)).status, 404)
  })

  it('reads and deletes nothing of the owner through an own account that has the unproven address', async () => {
    const [email, mobile] = [freshEmail(), vastly.freshPhone()]
    await vastly.register(server, { email, mobile })
    const token = await vastly.sentCode(server, mobile)
    vastly.tokenOf(await vastly.resetBySms(server, { token, password: squatted }))
    const code = await requestedCode(server, email, /Vastly/)
    await vastly.post(server, '/forgotpass', { json: { email } })
    await endOfJobs(server)

    const { stdout } = await runCommand(server, ['account', 'export', `phone:${mobile}`])
    const shown = JSON.stringify({ ...JSON.parse(stdout), account: undefined })
    assert.ok(!shown.includes(email), shown)
    assert.ok(!shown.includes('verify-email'), shown)
    await jsonOf(server, ['account', 'delete', `phone:${mobile}`, '--yes'])
    assert.equal((await signUpVerified(server, { email, password: own }, code)).status, 201)
  })
})

onEveryEngine('limits of an account that a squatter has opened', (engine) => {
  const server = useServer(engine, { env: behindProxy, limits: 'real' })

  it("do not lock the owner out after credebl's sign-up, and know none of the squatter's IPs", async () => {
    const squatter = from(server, freshAddress())
    const email = await squat(squatter)
    minbil.tokensOf(await minbil.signIn(squatter, { email, password: squatted }))
    await wrongPasswords(server, email)
    const code = await requestedCode(server, email)
    const home = from(server, freshAddress())
    assert.equal((await signUpVerified({ ...server, ...home }, { email, password: own }, code)).status, 201)
    assert.equal((await credebl.signIn(home, { email, password: own })).status, 200)

    await wrongPasswords(server, email)
    assert.equal((await minbil.signIn(squatter, { email, password: squatted })).status, 429)
    assert.equal((await credebl.signIn(home, { email, password: own })).status, 200)
  })

  it('hold for mails and text messages from every known IP', async () => {
    const [email, mobile] = [freshEmail(), vastly.freshPhone()]
    const known = Array.from({ length: 4 }, () => from(server, freshAddress()))
    await vastly.register(from(server, freshAddress()), { email, mobile })
    for (const address of known) await vastly.logIn(address, { email })
    for (const [path, json] of [
      ['/forgotpass', { email }],
      ['/forgotpass/mobile', { mobile }],
    ] as const) {
      const ask = async (at: Target) => (await vastly.post(at, path, { json })).status
      let stranger = 200
      // To a number one message more is to spare.
      for (let asked = 0; asked < 12; asked++) stranger = await ask(from(server, freshAddress()))
      assert.equal(stranger, 429)
      // One address alone gets no more than this to one name.
      const statuses: number[] = []
      for (const address of known) for (let asked = 0; asked < 3; asked++) statuses.push(await ask(address))
      assert.deepEqual(statuses, [...Array(10).fill(200), 429, 429])
    }
  })
})

/** Those of strangers, as many as are judged. */
async function wrongPasswords(server: TestServer, email: string): Promise<void> {
  for (let address = 0; address < 3; address++) {
    const stranger = from(server, freshAddress())
    for (let guesses = 0; guesses < 8; guesses++)
      await minbil.signIn(stranger, { email, password: `guess-${address}-${guesses}` })
  }
}

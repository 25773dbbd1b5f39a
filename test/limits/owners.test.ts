import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Person } from '../harness/doors.ts'
import {
  type Answer,
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  queryOf,
  type TestServer,
  useServer,
} from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import {
  assertLimited,
  assertStatus,
  behindProxy,
  forgetPassword,
  freshAddress,
  post,
  signIn,
  signUp,
} from './callers.ts'

const wrong = 'a wrong password'

/** Has strangers try passwords from ever new addresses until they are refused; returns a refusal. */
async function besiege(server: TestServer, email: string): Promise<Answer> {
  for (let addresses = 0; addresses < 20; addresses++) {
    const address = freshAddress()
    const attempts = Array.from({ length: 9 }, () => signIn(server, address, { email, password: wrong }))
    const answers = await Promise.all(attempts)
    const refusal = answers.find(({ status }) => status === 429)
    if (refusal) return refusal
    for (const answer of answers) assertStatus(401, answer)
  }
  assert.fail('no limit after 180 attempts')
}

/** Has strangers ask for mails to a mailbox, each from an address of its own, until they are refused. */
async function floodMailbox(server: TestServer, email: string): Promise<Answer> {
  for (let count = 0; count < 50; count++) {
    const answer = await forgetPassword(server, freshAddress(), email)
    if (answer.status === 429) return answer
    assertStatus(200, answer)
  }
  assert.fail('no limit after 50 mails')
}

async function resetByMail(server: TestServer, address: string, person: Person): Promise<Person> {
  // What strangers have asked for arrives first: the newest link is the one that is good.
  await endOfJobs(server)
  const mail = await mailCausedBy(server, { to: person.email, subject: /^Set a new password/ }, async () =>
    assertStatus(200, await forgetPassword(server, address, person.email)),
  )
  const changed = { email: person.email, password: 'NewPass45678!' }
  const token = queryOf(mail.links[0], 'token')
  assertStatus(200, await post(server, address, '/reset-password', { token, password: changed.password }))
  return changed
}

function withoutRequest({ status, headers, text }: Answer) {
  const varying = new Set(['date', 'x-request-id', 'retry-after'])
  return { status, text, headers: [...headers].filter(([name]) => !varying.has(name)) }
}

onEveryEngine('limits and the owner of an account', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })

  it('stop strangers who guess from many IPs, whether there is an account or not', async () => {
    const { email } = await signUp(server)
    const ofKnown = await besiege(server, email)
    const ofUnknown = await besiege(server, freshEmail())
    for (const answer of [ofKnown, ofUnknown]) assert.ok(assertLimited(answer) > 60 * 60)
    assert.deepEqual(withoutRequest(ofUnknown), withoutRequest(ofKnown))
  })

  it('let the owner in from a known IP, while strangers are kept out', async () => {
    const [person, other] = [await signUp(server), await signUp(server)]
    const [home, elsewhere] = [freshAddress(), freshAddress()]
    assertStatus(200, await signIn(server, home, person))
    assertStatus(200, await signIn(server, elsewhere, other))
    await besiege(server, person.email)
    for (const address of [elsewhere, freshAddress()]) assertLimited(await signIn(server, address, person))
    assertLimited(await signIn(server, home, { ...person, password: wrong }))
    assertStatus(200, await signIn(server, home, person))
    // What strangers have done is forgotten then, as the row of failures has ended.
    assertStatus(200, await signIn(server, freshAddress(), person))
  })

  it('limit a known IP too', async () => {
    const person = await signUp(server)
    const home = freshAddress()
    assertStatus(200, await signIn(server, home, person))
    for (let count = 0; count < 10; count++)
      assertStatus(401, await signIn(server, home, { ...person, password: wrong }))
    assertLimited(await signIn(server, home, person))
  })

  it('let the owner in after a reset by mail, from wherever', async () => {
    const person = await signUp(server)
    const address = freshAddress()
    await besiege(server, person.email)
    for (let count = 0; count < 3; count++) assertLimited(await signIn(server, address, person))
    const changed = await resetByMail(server, address, person)
    assertStatus(200, await signIn(server, address, changed))
  })

  it('reset the wrong passwords of the IP at which a new one is set', async () => {
    const person = await signUp(server)
    const address = freshAddress()
    for (let count = 0; count < 10; count++)
      assertStatus(401, await signIn(server, address, { ...person, password: wrong }))
    assertLimited(await signIn(server, address, person))
    const changed = await resetByMail(server, address, person)
    assertStatus(200, await signIn(server, address, changed))
  })

  it('do not count right passwords', async () => {
    const person = await signUp(server)
    const address = freshAddress()
    for (let count = 0; count < 15; count++) assertStatus(200, await signIn(server, address, person))
  })

  it('stop strangers who flood a mailbox, whether it is anybody’s or not', async () => {
    const { email } = await signUp(server)
    const ofKnown = await floodMailbox(server, email)
    const ofUnknown = await floodMailbox(server, freshEmail())
    for (const answer of [ofKnown, ofUnknown]) assertLimited(answer)
    assert.deepEqual(withoutRequest(ofUnknown), withoutRequest(ofKnown))
  })

  it('count a mailbox without the tag of its address', async () => {
    const [name, domain] = freshEmail().split('@')
    const address = freshAddress()
    const variant = (tag: number) => `${name}+${tag}@${domain}`
    for (let tag = 0; tag < 5; tag++)
      assertStatus(
        201,
        await post(server, address, '/sign-up', { email: variant(tag), password: '12345678' }),
      )
    for (const email of [variant(5), variant(0), `${name}@${domain}`])
      assertLimited(await forgetPassword(server, address, email))
    assertStatus(200, await forgetPassword(server, address, `${name}-1@${domain}`))
    assertStatus(200, await forgetPassword(server, address, `+${name}@${domain}`))
    assertStatus(200, await forgetPassword(server, address, `+other-${name}@${domain}`))
    assertLimited(await floodMailbox(server, variant(9)))
    assertLimited(await forgetPassword(server, freshAddress(), variant(9)))
  })

  it('keep the owner of a mailbox out with no tag of their own', async () => {
    const { email } = await signUp(server)
    const [name, domain] = email.split('@')
    for (let tag = 0; tag < 12; tag++)
      assertStatus(200, await forgetPassword(server, freshAddress(), `${name}+${tag}@${domain}`))
    assertStatus(200, await forgetPassword(server, freshAddress(), email))
  })

  it('send the owner a mail from a known IP, while strangers flood the mailbox', async () => {
    const person = await signUp(server)
    const home = freshAddress()
    assertStatus(200, await signIn(server, home, person))
    await floodMailbox(server, person.email)
    assertLimited(await forgetPassword(server, freshAddress(), person.email))
    const changed = await resetByMail(server, home, person)
    assertStatus(200, await signIn(server, freshAddress(), changed))
  })

  it('let one IP have few mails sent to one mailbox, by whichever request', async () => {
    const address = freshAddress()
    const person = { email: freshEmail(), password: 'StrongPass123!' }
    assertStatus(201, await post(server, address, '/sign-up', person))
    for (let count = 0; count < 4; count++)
      assertStatus(200, await forgetPassword(server, address, person.email))
    assertLimited(await forgetPassword(server, address, person.email))
    assertLimited(await post(server, address, '/sign-up', person))
    assertStatus(200, await forgetPassword(server, address, freshEmail()))
    assertStatus(200, await forgetPassword(server, freshAddress(), person.email))
  })
})

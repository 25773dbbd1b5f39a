import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adapters } from '../../dialects/adapters.ts'
import {
  freshPerson,
  nextCode,
  register,
  registerWithSecondFactor,
  signUp,
} from '../../dialects/wolfpal/door.ts'
import { copySecondFactor } from '../../harness/copied-second-factor.ts'
import { execute, select } from '../../harness/database.ts'
import { freshEmail } from '../../harness/harness.ts'
import { bring, keptPassword, useSwitch } from '../../harness/old-server.ts'

const named = (name: string) => adapters.find((door) => door.name === name) ?? assert.fail()
const minbil = named('minbil')
/** What is said where nobody gets in whose address is not confirmed. */
const refusing: Record<string, RegExp> = {
  wolfpal: /PENDING_CONFIRMATION/,
  credebl: /Please verify your email/,
  gotrue: /email_not_confirmed/,
}

describe('a password that the old server knows', () => {
  const servers = useSwitch('sqlite')
  const oldUrl = () => servers.old.env.DATABASE_URL ?? ''
  const nextUrl = () => servers.next.env.DATABASE_URL ?? ''
  const rowOf = async (email: string) =>
    (await select(nextUrl(), `select * from accounts where email = '${email}'`))[0] ?? assert.fail()

  for (const door of adapters) {
    it(`lets nobody in at ${door.name} who is disabled here`, async () => {
      const person = await register(servers.old)
      await bring(servers.next, { email: person.email, pending: door.name, isDisabled: true })
      const { answer } = await door.signIn(servers.next, person)
      assert.equal(answer.status, door.statuses.signIn, answer.text)
      assert.equal((await keptPassword(servers.next, person.email))?.hash, null)
    })

    it(`lets nobody in at ${door.name} who is disabled there`, async () => {
      const person = await register(servers.old)
      await execute(oldUrl(), `update accounts set disabled_at = 1 where email = '${person.email}'`)
      await bring(servers.next, { email: person.email, pending: door.name })
      const { answer } = await door.signIn(servers.next, person)
      assert.equal(answer.status, door.statuses.signIn, answer.text)
      assert.equal((await keptPassword(servers.next, person.email))?.pending, door.name)
    })

    it(`lets nobody in at ${door.name} without the second factor that is known there alone`, async () => {
      const person = await registerWithSecondFactor(servers.old)
      await bring(servers.next, { email: person.email, pending: door.name })
      const { tokens, answer } = await door.signIn(servers.next, person)
      assert.equal(tokens, undefined)
      assert.ok([401, 403].includes(answer.status), answer.text)
      assert.match(answer.text, /factor|mfa/i)
      // Of what somebody does who is signed in.
      assert.doesNotMatch(answer.text, /update email or password/)
      const { pending, hash } = (await keptPassword(servers.next, person.email)) ?? {}
      assert.deepEqual([pending, hash], [door.name, null])
    })

    it(`is kept at ${door.name} as the door wants it where the address is not confirmed`, async () => {
      const person = await signUp(servers.old, freshPerson())
      await bring(servers.next, { email: person.email, pending: door.name, isUnproven: true })
      const { tokens, answer } = await door.signIn(servers.next, person)
      if (refusing[door.name]) assert.match(answer.text, refusing[door.name] ?? / /)
      else assert.ok(tokens, answer.text)
      assert.ok((await keptPassword(servers.next, person.email))?.hash)
      assert.equal((await rowOf(person.email)).email_verified_at, null)
    })
  }

  it('lets in with the second factor that was brought along', async () => {
    const person = await registerWithSecondFactor(servers.old)
    const id = await bring(servers.next, { email: person.email, pending: 'wolfpal' })
    await copySecondFactor(servers.next, id, person.secret)
    const begun = await servers.next.request('POST', '/api/auth/login', {
      json: { email: person.email, password: person.password },
    })
    assert.equal(begun.body.twoFactor, true, begun.text)
    const finished = await servers.next.request('POST', '/api/auth/two-factor', {
      json: { token: begun.body.token, code: nextCode(servers.next, person.secret) },
    })
    assert.ok(finished.body.access_token, finished.text)
  })

  it('is of no account of another door', async () => {
    const person = await register(servers.old)
    await bring(servers.next, { email: person.email, pending: 'credebl' })
    const { answer } = await minbil.signIn(servers.next, person)
    assert.equal(answer.status, 401, answer.text)
    assert.equal((await keptPassword(servers.next, person.email))?.pending, 'credebl')
  })

  it('is of no account that the old server calls otherwise', async () => {
    const person = await register(servers.old)
    const id = await bring(servers.next, { email: person.email, pending: 'minbil' })
    const link = (source: string, name: string) =>
      `insert into legacy_links (realm, source, source_id, account_id, created_account, linked_at)
         values ('main', '${source}', '${name}', '${id}', 1, 1)`
    await execute(nextUrl(), link('minbil', `another-${id}`))
    await execute(nextUrl(), link('identity:google', id))
    assert.equal((await minbil.signIn(servers.next, person)).answer.status, 401)
    const [known] = await select(oldUrl(), `select id from accounts where email = '${person.email}'`)
    await execute(nextUrl(), link('auth0', String(known?.id)))
    assert.ok((await minbil.signIn(servers.next, person)).tokens)
  })

  for (const name of Object.keys(refusing)) {
    it(`is of no account at ${name} whose address is proven here and not there`, async () => {
      const squatter = await signUp(servers.old, freshPerson())
      await bring(servers.next, { email: squatter.email, pending: name })
      const { answer, tokens } = await named(name).signIn(servers.next, squatter)
      assert.equal(tokens, undefined, answer.text)
      assert.equal(answer.status, named(name).statuses.signIn, answer.text)
      assert.equal((await keptPassword(servers.next, squatter.email))?.hash, null)
    })
  }

  it('brings along what the account lacks, and changes nothing that it has', async () => {
    const person = await register(servers.old)
    const names = `update accounts set profile = '{"firstName":"Old","lastName":"Name"}'`
    await execute(oldUrl(), `${names} where email = '${person.email}'`)
    const brought = { email: person.email, pending: 'credebl', profile: { firstName: 'New', lastName: '' } }
    await bring(servers.next, { ...brought, isUnproven: true })
    assert.ok((await named('credebl').signIn(servers.next, person)).tokens)
    const { profile, email_verified_at } = await rowOf(person.email)
    assert.deepEqual(JSON.parse(String(profile)), { firstName: 'New', lastName: 'Name' })
    assert.ok(email_verified_at)
  })

  it('proves no address of an import that believes nothing', async () => {
    const person = await register(servers.old)
    const id = await bring(servers.next, { email: person.email, pending: 'minbil', isUnproven: true })
    const [known] = await select(oldUrl(), `select id from accounts where email = '${person.email}'`)
    await execute(
      nextUrl(),
      `insert into import_runs (id, realm, source, format, files, options, position, counts, started_at)
         values ('run', 'main', 'minbil', 'minbil', '[]', '{"trusts":"nothing"}', 1, '{}', 1)`,
    )
    await execute(
      nextUrl(),
      `insert into legacy_links (realm, source, source_id, account_id, run_id, created_account, linked_at)
         values ('main', 'minbil', '${known?.id}', '${id}', 'run', 1, 1)`,
    )
    assert.ok((await minbil.signIn(servers.next, person)).tokens)
    assert.equal((await rowOf(person.email)).email_verified_at, null)
  })

  it('is changed here with the old one, which nobody has used here before', async () => {
    const person = await register(servers.old)
    await bring(servers.next, { email: person.email, pending: 'credebl' })
    const json = { email: person.email, oldPassword: person.password, newPassword: 'quite another password' }
    const changed = await servers.next.request('POST', '/auth/reset-password', { json })
    assert.ok(changed.status < 300, changed.text)
    const next = { email: person.email, password: json.newPassword }
    assert.ok((await named('credebl').signIn(servers.next, next)).tokens)
    assert.equal((await named('credebl').signIn(servers.next, person)).tokens, undefined)
  })

  it('is set anew by mail by whoever has forgotten it, and the old one is good no more', async () => {
    const person = await register(servers.old)
    await bring(servers.next, { email: person.email, pending: 'minbil' })
    const { recovery } = minbil
    await recovery?.forgot(servers.next, person.email)
    const mail = await servers.next.mail(person.email, /password/i)
    const secret = recovery?.readSecret(mail) ?? assert.fail()
    const next = { email: person.email, password: 'chosen at the new server' }
    const reset = await recovery?.reset(servers.next, {
      secret,
      email: person.email,
      password: next.password,
    })
    assert.equal(reset?.status, 200, reset?.text)
    assert.ok((await minbil.signIn(servers.next, next)).tokens)
    assert.equal((await minbil.signIn(servers.next, person)).answer.status, 401)
    assert.equal((await keptPassword(servers.next, person.email))?.pending, null)
  })

  it('keeps the address from being signed up', async () => {
    const email = freshEmail()
    await bring(servers.next, { email, pending: 'minbil' })
    await minbil.signUp(servers.next, { email, password: 'of somebody else' })
    const found = await keptPassword(servers.next, email)
    assert.deepEqual({ ...found }, { hash: null, kind: null, pending: 'minbil' })
  })
})

describe('once the old server is not asked any more', () => {
  const servers = useSwitch('sqlite', { settings: ', until: 2200-01-01' })

  it('a waiting account is told what one is told that nobody has', async () => {
    const [one, other] = [await register(servers.old), await register(servers.old)]
    for (const { email } of [one, other]) await bring(servers.next, { email, pending: 'minbil' })
    assert.ok((await minbil.signIn(servers.next, one)).tokens)
    servers.next.clock.advance(Date.UTC(2200, 0, 2) - servers.next.clock.now())
    const refused = await minbil.signIn(servers.next, other)
    const unknown = await minbil.signIn(servers.next, { email: freshEmail(), password: other.password })
    assert.equal(refused.answer.status, 401)
    assert.equal(refused.answer.text, unknown.answer.text)
    assert.ok((await minbil.signIn(servers.next, one)).tokens)
  })
})

import assert from 'node:assert/strict'
import type { Credentials, DialectUnderTest } from '../contract/dialect-under-test.ts'
import { signInAgain } from '../contract/support.ts'
import { execute } from '../harness/database.ts'
import { freshEmail, type TestServer } from '../harness/harness.ts'

/** Somebody whom two servers know, as after an import, under ids that differ. */
export async function openOnBoth(
  dialect: DialectUnderTest,
  { old, fresh }: { old: TestServer; fresh: TestServer },
): Promise<Credentials> {
  const person = { email: freshEmail(), password: 'correct horse battery staple' }
  await Promise.all([dialect.openAccount(old, person), dialect.openAccount(fresh, person)])
  const username = `shadow${++people}`
  const name = `update accounts set username = '${username}', username_key = '${username}' where email = '${person.email}'`
  await Promise.all([old, fresh].map(({ env }) => execute(env.DATABASE_URL ?? '', name)))
  return person
}
let people = 0

/** What people do at a door, once all of it. */
export async function oneRound(
  dialect: DialectUnderTest,
  through: TestServer,
  person: Credentials,
): Promise<void> {
  const { answer } = await dialect.signIn(through, { ...person, password: 'wrong-password' })
  assert.equal(answer.status, dialect.statuses.signIn)
  const first = await signInAgain(dialect, through, person)
  const second = await signInAgain(dialect, through, person)
  await dialect.ask(through, first.access)
  await dialect.listSessions?.(through, second.access)
  const { refreshing } = dialect
  const renewed = await refreshing?.refresh(through, first.refresh)
  if (renewed?.tokens) await dialect.ask(through, renewed.tokens.access)
  await dialect.signOut?.(through, second.access)
  await dialect.ask(through, second.access)
  await refreshing?.refresh(through, second.refresh)
  for (const ask of Object.values(dialect.blind)) await ask(through, person.email)
}

/** Every route with a request that is in order, and with one that has nothing in it. */
export async function everyRoute(dialect: DialectUnderTest, through: TestServer): Promise<void> {
  for (const route of dialect.routes) {
    const { params = {}, query = {}, body, headers, access } = await route.example(through)
    const path = Object.entries(params).reduce(
      (path, [name, value]) => path.replace(`:${name}`, encodeURIComponent(value)),
      route.path,
    )
    const search = new URLSearchParams(query).toString()
    const options = { json: body, headers, bearer: access }
    await through.request(route.method, search ? `${path}?${search}` : path, options)
    await through.request(route.method, path, body ? { json: {} } : {})
  }
}

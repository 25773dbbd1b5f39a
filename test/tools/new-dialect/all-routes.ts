import type { DialectUnderTest, RouteUnderTest } from '../../contract/dialect-under-test.ts'
import { sendExample } from '../../contract/support.ts'
import { freshEmail, type TestServer } from '../../harness/harness.ts'

/** What somebody does with a door who wants all of it recorded: every route, and what it says when it refuses. */
export async function useAllOf(dialect: DialectUnderTest, server: TestServer): Promise<void> {
  for (const route of dialect.routes) await useRoute(server, route)
  const { email, password } = { email: freshEmail(), password: 'a rather private secret' }
  await dialect.openAccount(server, { email, password })
  await dialect.signUp(server, { email, password })
  await dialect.signUp(server, { email: freshEmail(), password: 'short' })
  await dialect.signUp(server, { email: 'nobody at home', password })
  await dialect.signIn(server, { email, password: 'another private secret' })
  const { tokens } = await dialect.signIn(server, { email, password })
  await dialect.refreshing?.refresh(server, tokens?.refresh ?? '')
  await dialect.refreshing?.refresh(server, 'none')
  await dialect.ask(server, 'none')
  await dialect.signOut?.(server, 'none')
  await dialect.recovery?.forgot(server, email)
  await dialect.recovery?.reset(server, { secret: 'none', email, password })
  await server.request('GET', `${dialect.prefixes[0]}/nothing-here`)
}

/** Once as it should be, and once without each of its fields. */
async function useRoute(server: TestServer, route: RouteUnderTest): Promise<void> {
  await sendExample(server, route, await route.example(server))
  for (const field of route.fields) {
    const { body, ...example } = await route.example(server)
    await sendExample(server, route, { ...example, body: { ...body, [field]: undefined } })
  }
}

import { sendExample } from '../../contract/support.ts'
import { minbil } from '../../dialects/minbil/adapter.ts'
import { freshEmail, type TestServer } from '../../harness/harness.ts'

const base = '/api/co/auth'

/** What a person does with Minbil who wants all of it recorded: every route, and what it says when it refuses. */
export async function useAllOfMinbil(server: TestServer): Promise<void> {
  for (const route of minbil.routes) await sendExample(server, route, await route.example(server))
  const post = (path: string, json: object) => server.request('POST', `${base}${path}`, { json })
  const person = { email: freshEmail(), password: 'a rather private secret' }
  await post('/sign-up', person)
  await post('/sign-up', person)
  await post('/sign-up', { email: freshEmail(), password: 'short' })
  await post('/sign-up', { email: 'nobody at home', password: person.password })
  await post('/sign-up', { email: freshEmail() })
  await post('/sign-in', person)
  await post('/sign-in', { ...person, password: 'another private secret' })
  await post('/sign-in', { email: person.email, password: 12345678 })
  await post('/forgot-password', { email: freshEmail() })
  await post('/refresh', { refresh_token: 'none' })
  await post('/sign-out', {})
  await post('/reset-password', { token: 'none', password: person.password })
  await post('/reset-password', { password: person.password })
  await post('/two-factor', { two_factor_token: 'x'.repeat(64) })
  await post('/two-factor', { code: '123456' })
  await server.request('GET', `${base}/nothing-here`)
}

import type { DialectUnderTest, Example, RouteUnderTest } from '../../contract/dialect-under-test.ts'
import { openSession } from '../../contract/support.ts'
import { freshEmail, type TestServer } from '../../harness/harness.ts'
import { enrol } from './factors.ts'
import { openByService, serviceKey } from './service-keys.ts'

const base = '/auth/v1'
const users = `${base}/admin/users`
const access = serviceKey

/** What back ends ask this door for. */
export function managementRoutes(dialect: () => DialectUnderTest): RouteUnderTest[] {
  return [
    {
      method: 'GET',
      path: users,
      ...managed,
      example: async () => ({ access, query: { page: '1', per_page: '3' } }),
    },
    {
      method: 'POST',
      path: users,
      ...managed,
      fields: ['email', ...fieldsOfUser, 'id'],
      optional: [...fieldsOfUser, 'id'],
      loose: flags,
      jsonOnly: true,
      example: async () => ({
        access,
        body: { email: freshEmail(), ...userFields(), id: crypto.randomUUID() },
      }),
    },
    { method: 'GET', path: `${users}/:id`, ...managed, example: ofSomebody },
    {
      method: 'PUT',
      path: `${users}/:id`,
      ...managed,
      fields: ['email', ...fieldsOfUser],
      optional: ['email', ...fieldsOfUser],
      loose: flags,
      jsonOnly: true,
      example: async (server) => ({
        ...(await ofSomebody(server)),
        body: { email: freshEmail(), ...userFields() },
      }),
    },
    { method: 'DELETE', path: `${users}/:id`, ...managed, example: ofSomebody },
    { method: 'GET', path: `${users}/:id/factors`, ...managed, example: ofSomebody },
    {
      method: 'DELETE',
      path: `${users}/:id/factors/:factor`,
      ...managed,
      example: async (server) => {
        const { access: own } = await openSession(dialect(), server)
        const { id: factor } = await enrol(server, own)
        const { body } = await server.request('GET', `${base}/user`, { bearer: own })
        return { access, params: { id: body.id, factor } }
      },
    },
    {
      method: 'POST',
      path: `${base}/invite`,
      ...managed,
      fields: ['email', 'data'],
      optional: ['data'],
      jsonOnly: true,
      example: async () => ({ access, body: { email: freshEmail(), data: { name: 'Ada' } } }),
    },
    {
      method: 'POST',
      path: `${base}/admin/generate_link`,
      ...managed,
      fields: ['type', 'email', 'password', 'data', 'new_email', 'redirect_to'],
      optional: ['data', 'new_email', 'redirect_to'],
      jsonOnly: true,
      example: async () => ({
        access,
        body: {
          type: 'signup',
          email: freshEmail(),
          password: 'four words and blanks',
          data: { name: 'Ada' },
          new_email: freshEmail(),
          redirect_to: 'http://localhost:3000/',
        },
      }),
    },
  ]
}

const managed = { status: 200, needsAccess: true, fields: [] } as const satisfies Partial<RouteUnderTest>

const flags = ['email_confirm', 'phone_confirm']
const fieldsOfUser = Object.keys(userFields())

function userFields(): Record<string, unknown> {
  return {
    phone: `+4791${Math.floor(Math.random() * 1e6)}`.padEnd(11, '0'),
    password: 'four words and blanks',
    email_confirm: true,
    phone_confirm: true,
    user_metadata: { name: 'Ada' },
    app_metadata: { plan: 'team' },
    ban_duration: '24h',
    role: 'authenticated',
  }
}

async function ofSomebody(server: TestServer): Promise<Example> {
  const { id } = await openByService(server)
  return { access, params: { id } }
}

import {
  type Account,
  type App,
  AuthError,
  eraseAccount,
  listManagedAccounts,
  requireServiceKey,
  z,
} from 'manydoors/dialect'
import type { Settings } from './index.ts'

const ById = z.object({ id: z.string() })

/** What Acme's back end does with accounts. */
export function managingRoutes(app: App, settings: Settings): void {
  app.register(async (scope: App) => {
    requireServiceKey(scope, { ...settings, roles: ['acme-back-end'] })
    scope.get('/acme/managed/users', async ({ ctx }) => {
      const { accounts, total } = await listManagedAccounts(ctx, { page: 1, perPage: 100 })
      return { users: accounts.map(presentUser), total }
    })
    scope.delete('/acme/managed/users/:id', { schema: { params: ById } }, async ({ ctx, params }, reply) => {
      if (!(await eraseAccount(ctx, params.id))) throw new AuthError('route_not_found')
      return reply.code(204).send()
    })
  })
}

function presentUser({ id, email }: Account) {
  return { id, email }
}

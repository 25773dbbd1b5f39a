import type { App } from '../../http/types.ts'
import type { SendAccount } from './send.ts'

/** Who the account says that its owner is. */
export function profileRoutes(scope: App, send: SendAccount): void {
  scope.get('/ui/account', (request, reply) => {
    const { username, email } = request.person.caller.account
    return send({ request, reply }, 'profile', 'account-profile', { username, email })
  })
}

import type { App } from '../../http/types.ts'
import { perform } from '../operations/operation.ts'
import { mostCounted, show } from '../operations/realms/realms.ts'
import type { ConsoleParts } from './console-parts.ts'
import { realmPath } from './menu.ts'
import { deskAt, sendConsole, timeFor } from './visit.ts'

/** Where each realm is reached, and through what; nothing of it is changed here. */
export function realmPages(scope: App, { sendPage }: ConsoleParts): void {
  scope.get('/admin/realms', async (request, reply) => {
    const { means, asker } = request.visit.desk
    const theirs = [...means.realms.keys()].filter((name) => asker.may('realms.read', name))
    const shown = await Promise.all(theirs.map((name) => perform(show, deskAt(request, name), {})))
    const realms = shown.map((realm) => ({
      ...realm,
      path: realmPath(realm.name),
      doors: realm.doors.map(({ name, prefixes }) => ({ name, prefixes: prefixes.join(', ') })),
      newAccountsText: realm.newAccounts >= mostCounted ? `${mostCounted}+` : realm.newAccounts,
      signingSince: timeFor(request, realm.signingKey?.since),
    }))
    const data = { realms, file: means.file }
    return sendConsole(sendPage, { request, reply }, { template: 'realms', current: 'realms', data })
  })
}

import type { FastifyRequest } from 'fastify'
import type { App } from '../../../http/types.ts'
import { ofRealm } from '../../operations/settings/settable.ts'
import type { ConsoleParts } from '../console.ts'
import { realmPath } from '../menu.ts'
import { canDo, performFor, sendConsole, timeFor } from '../visit.ts'

type Setting = Awaited<ReturnType<typeof ofRealm.list.run>>['items'][number]

/** What may be set of a realm while servers run. */
export function realmSettingsPage(scope: App, { sendPage }: ConsoleParts): void {
  scope.get('/admin/realms/:realm/settings', async (request, reply) => {
    const { items } = await performFor(request, ofRealm.list)
    const data = {
      settings: items.map((setting) => present(request, setting)),
      canChange: canDo(request, ofRealm.set),
      base: `${realmPath(request.visit.desk.ctx.realm.name)}/settings`,
    }
    return sendConsole(
      sendPage,
      { request, reply },
      { template: 'realm-settings', current: 'realm-settings', data },
    )
  })
}

function present(request: FastifyRequest, setting: Setting) {
  const { setHere, setBy } = setting
  return {
    ...setting,
    value: setBy?.value ?? setHere?.value,
    time: timeFor(request, setBy ? null : setHere?.at),
    // A colour is shown as one, too.
    colour: /accent/i.test(setting.name),
  }
}

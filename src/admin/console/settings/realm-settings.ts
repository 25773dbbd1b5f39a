import type { FastifyRequest } from 'fastify'
import type { App } from '../../../http/types.ts'
import { ofRealm } from '../../operations/settings/settable.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { realmPath } from '../menu.ts'
import { canDo, performFor, sendConsole } from '../visit.ts'
import { inLanguageOf } from './in-language.ts'
import { setByTeller } from './set-by.ts'

type Setting = Awaited<ReturnType<typeof ofRealm.list.run>>['items'][number]

/** What may be set of a realm while servers run. */
export function realmSettingsPage(scope: App, { sendPage }: ConsoleParts): void {
  scope.get('/admin/realms/:realm/settings', async (request, reply) => {
    const { items } = await performFor(request, ofRealm.list)
    const tellSetBy = await setByTeller(request)
    const data = {
      settings: items.map((setting) => ({
        ...present(request, setting),
        setHere: setting.setHere && tellSetBy(setting.setHere),
      })),
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

function present(request: FastifyRequest, { setHere, setBy, ...setting }: Setting) {
  return { ...inLanguageOf(request, setting), setBy, value: setBy?.value ?? setHere?.value }
}

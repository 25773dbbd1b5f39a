import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { languageOf } from '../../../http/origin.ts'
import type { App } from '../../../http/types.ts'
import { effective } from '../../operations/settings/effective.ts'
import { ofServer } from '../../operations/settings/settable.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { realmPath } from '../menu.ts'
import { tellDefault, tellSetting } from '../setting-texts.ts'
import { textsFor } from '../texts.ts'
import { canDo, performFor, sendConsole } from '../visit.ts'
import { setByTeller } from './set-by.ts'

const path = '/admin/settings'
const Query = z.object({
  q: z.string().optional(),
  show: z.string().optional(),
  after: z.string().optional(),
})

type Setting = Awaited<ReturnType<typeof effective.run>>['items'][number]

/** Every setting, what is in force and where it comes from. */
export function configurationPage(scope: App, { sendPage }: ConsoleParts): void {
  scope.get(path, { schema: { querystring: Query } }, async (request, reply) => {
    const { q = '', show = 'set' } = request.query
    const { items, next } = await performFor(request, effective)
    const isSettable = namesToSet(request)
    const tellSetBy = await setByTeller(request)
    const older = new URLSearchParams({ q, show, ...(next !== null && { after: next }) })
    const data = {
      q,
      showsAll: show === 'all',
      settings: items.map((setting) => ({
        ...present(request, setting, isSettable),
        setHere: setting.setHere && tellSetBy(setting.setHere),
      })),
      next: next === null ? undefined : `${path}?${older}`,
    }
    return sendConsole(sendPage, { request, reply }, { template: 'settings', current: 'settings', data })
  })
}

/** Where each setting is set that may be set here, by its name in the configuration. */
function namesToSet(request: FastifyRequest): Map<string, string> {
  if (!canDo(request, ofServer.set)) return new Map()
  const { means } = request.visit.desk
  const ofRealms = [...means.realms.values()].flatMap(({ realm, settings }) =>
    open(settings.realm.settable()).map((name): [string, string] => [
      `realms.${realm.name}.${name}`,
      `${realmPath(realm.name)}/settings/${name}`,
    ]),
  )
  const server = open(means.operators.settings.server.settable())
  return new Map([...server.map((name): [string, string] => [name, `${path}/${name}`]), ...ofRealms])
}

/** Those that the configuration does not set. */
function open(settable: readonly { name: string; setBy?: object }[]): string[] {
  return settable.filter(({ setBy }) => setBy === undefined).map(({ name }) => name)
}

function present(request: FastifyRequest, setting: Setting, places: Map<string, string>) {
  const { name, description, setHere, isSecret, isSet, source } = setting
  return {
    name,
    description: description && tellSetting(description, languageOf(request)),
    value: setHere ? setHere.value : valueText(request, setting),
    isQuiet: !setHere && !isSet,
    isSecret,
    source,
    editPath: places.get(name),
  }
}

function valueText(request: FastifyRequest, { isSecret, isSet, value, default: standsIn }: Setting): string {
  const texts = textsFor(request)
  if (isSecret) return isSet ? texts.secretSet : texts.secretNotSet
  if (value === null) return standsIn === null ? texts.notSet : tellDefault(standsIn, languageOf(request))
  return Array.isArray(value) ? value.join(', ') : String(value)
}

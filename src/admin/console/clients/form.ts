import type { FastifyReply, FastifyRequest } from 'fastify'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { languageOf } from '../../../http/origin.ts'
import type { App } from '../../../http/types.ts'
import { add, change, show } from '../../operations/clients/clients.ts'
import { perform } from '../../operations/operation.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { type Told, troubleOf } from '../problems.ts'
import { tellSetting } from '../setting-texts.ts'
import { textsFor } from '../texts.ts'
import { canDo, fieldsOf, goOn, performFor, sendConsole } from '../visit.ts'
import { clientPath, clientsPath, routeOfClient, routeOfClients } from './paths.ts'
import { givenFields, readSettings, type SettingField, settingFields } from './setting-fields.ts'

/** What a form says of an app beside its settings. */
interface Described {
  id?: unknown
  name?: unknown
  origins?: unknown
  redirectUris?: unknown
  frontEndUrl?: unknown
}

interface FormView {
  dialect: string
  given: Described
  settings: SettingField[]
  isNew: boolean
  action: string
  back: string
}

/** The forms that add an app and change one. */
export function clientForms(scope: App, parts: ConsoleParts): void {
  addForm(scope, parts)
  editForm(scope, parts)
}

const showForm = (
  { sendPage }: ConsoleParts,
  { request, reply, trouble }: { request: FastifyRequest; reply: FastifyReply; trouble?: Told | undefined },
  view: FormView,
) => {
  const language = languageOf(request)
  const settings = view.settings.map(({ says, ...field }) => ({
    ...field,
    says: tellSetting(says, language),
  }))
  return sendConsole(
    sendPage,
    { request, reply, trouble },
    { template: 'client-form', current: 'clients', data: { ...view, settings } },
  )
}

function addForm(scope: App, parts: ConsoleParts): void {
  const path = `${routeOfClients}/new`
  const ask = (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    if (!canDo(request, add)) throw new OperatorError('not_allowed')
    const { means, ctx } = request.visit.desk
    const dialects = means.clientRules.dialectsOf(ctx.realm.name)
    const form = fieldsOf(request)
    const back = clientsPath(request)
    const wanted = dialects.length === 1 ? dialects[0] : dialects.find((name) => name === form.dialect)
    if (wanted === undefined) {
      const choices = dialects.map((name) => ({ name, href: `${back}/new?dialect=${name}` }))
      const data = { choices, back }
      return sendConsole(
        parts.sendPage,
        { request, reply, trouble },
        { template: 'client-dialects', current: 'clients', data },
      )
    }
    const settings = givenFields(means.clientRules.settingsOf(wanted), form)
    const view = { dialect: wanted, given: form, settings, isNew: true, action: `${back}/new`, back }
    return showForm(parts, { request, reply, trouble }, view)
  }

  scope.get(path, (request, reply) => ask(request, reply))
  scope.post(path, async (request, reply) => {
    try {
      const { client, secret } = await perform(add, request.visit.desk, withSettings(request))
      const own = clientPath(request, client)
      if (secret === null) return goOn(request, reply, own, { text: 'clientAdded' })
      const data = { id: client.id, name: client.name, secret, back: own }
      return sendConsole(
        parts.sendPage,
        { request, reply },
        { template: 'client-secret', current: 'clients', data },
      )
    } catch (error) {
      return ask(request, reply, troubleOf(request, error))
    }
  })
}

function editForm(scope: App, parts: ConsoleParts): void {
  const path = `${routeOfClient}/edit`
  const ask = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    if (!canDo(request, change)) throw new OperatorError('not_allowed')
    const client = await performFor(request, show)
    const known = request.visit.desk.means.clientRules.settingsOf(client.dialect)
    const form = fieldsOf(request)
    const own = clientPath(request)
    const view = { dialect: client.dialect, isNew: false, action: `${own}/edit`, back: own }
    if (trouble)
      return showForm(
        parts,
        { request, reply, trouble },
        { ...view, given: { ...form, id: client.id }, settings: givenFields(known, form) },
      )
    const { id, name, origins, redirectUris, frontEndUrl, settings } = client
    const given = {
      id,
      name,
      origins: origins.join('\n'),
      redirectUris: redirectUris.join('\n'),
      frontEndUrl,
    }
    return showForm(parts, { request, reply }, { ...view, given, settings: settingFields(known, settings) })
  }

  scope.get(path, (request, reply) => ask(request, reply))
  scope.post(path, async (request, reply) => {
    try {
      await perform(change, request.visit.desk, withSettings(request))
      return goOn(request, reply, clientPath(request), { text: 'clientChanged' })
    } catch (error) {
      return ask(request, reply, troubleOf(request, error))
    }
  })
}

/** The fields of a form, with its settings as the operation has them. */
function withSettings(request: FastifyRequest): Record<string, unknown> {
  const form = fieldsOf(request)
  const { means, ctx } = request.visit.desk
  const { dialect } = form
  // Its dialect is refused by the operation, too.
  const isKnown =
    typeof dialect === 'string' && means.clientRules.dialectsOf(ctx.realm.name).includes(dialect)
  if (!isKnown) throw new OperatorError('not_found')
  return { ...form, settings: readSettings(means.clientRules.settingsOf(dialect), form, textsFor(request)) }
}

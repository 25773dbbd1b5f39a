import type { FastifyReply, FastifyRequest } from 'fastify'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import type { SettingsScope } from '../../../core/settings/settings.ts'
import type { App } from '../../../http/types.ts'
import { ofRealm, ofServer } from '../../operations/settings/settable.ts'
import { confirmation } from '../confirm.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { realmPath } from '../menu.ts'
import { type Told, troubleOf } from '../problems.ts'
import { canDo, fieldsOf, goOn, performFor, sendConsole } from '../visit.ts'
import { inLanguageOf } from './in-language.ts'

/** The forms that set something of a realm or of the server, and that have it be again what the configuration says. */
export function settingForms(scope: App, parts: ConsoleParts, at: SettingsScope): void {
  const { list, set, reset } = at === 'realm' ? ofRealm : ofServer
  const current = at === 'realm' ? 'realm-settings' : 'settings'
  const path = at === 'realm' ? '/realms/:realm/settings/:setting' : '/settings/:setting'
  const config = { needsOperatorProof: true }
  const show = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    if (!canDo(request, set)) throw new OperatorError('not_allowed')
    const { items } = await performFor(request, list)
    const setting = items.find(({ name }) => name === namedIn(request))
    if (!setting) throw new OperatorError('not_found')
    const { value = setting.setHere?.value } = fieldsOf(request)
    const data = {
      setting: inLanguageOf(request, setting),
      value,
      given: fieldsOf(request),
      action: request.url.split('?', 1)[0],
      back: listPath(request, at),
    }
    return sendConsole(parts.sendPage, { request, reply, trouble }, { template: 'setting', current, data })
  }

  scope.get(`/admin${path}`, { config }, (request, reply) => show(request, reply))
  scope.post(`/admin${path}`, { config }, async (request, reply) => {
    try {
      await performFor(request, set)
      return goOn(request, reply, listPath(request, at), {
        text: 'settingChanged',
        values: { name: namedIn(request) },
      })
    } catch (error) {
      return show(request, reply, troubleOf(request, error))
    }
  })
  confirmation(scope, parts, {
    path: `${path}/reset`,
    operation: reset,
    current,
    title: 'settingResetTitle',
    button: 'settingReset',
    will: ['settingResetWill'],
    subject: async (request) => namedIn(request),
    back: (request) => listPath(request, at),
    notice: { text: 'settingResetDone' },
  })
}

function namedIn({ params }: FastifyRequest): string {
  return (params as { setting: string }).setting
}

function listPath({ visit }: FastifyRequest, at: SettingsScope): string {
  return at === 'realm' ? `${realmPath(visit.desk.ctx.realm.name)}/settings` : '/admin/settings'
}

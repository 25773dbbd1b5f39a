import type { FastifyReply, FastifyRequest } from 'fastify'
import { roles } from '../../core/operators/capabilities.ts'
import { operatorById } from '../../core/operators/operators.ts'
import type { App } from '../../http/types.ts'
import { change, disable, enable, invite, list } from '../operations/operators/operators.ts'
import { type Confirmation, confirmation } from './confirm.ts'
import type { ConsoleParts } from './console-parts.ts'
import { type Told, troubleOf } from './problems.ts'
import { textsFor } from './texts.ts'
import { canDo, fieldsOf, performFor, requireMay, sendConsole, timeFor } from './visit.ts'

const path = '/admin/operators'

/** Those who run this server: who they are, who is invited, and who is shut out. */
export function operatorPages(scope: App, parts: ConsoleParts): void {
  scope.get(path, async (request, reply) => {
    const { items } = await performFor(request, list)
    const texts = textsFor(request)
    const data = {
      operators: items.map((operator) => ({
        ...operator,
        role: texts[`role_${operator.role}`],
        lastSignIn: timeFor(request, operator.lastSignInAt),
        isSelf: operator.id === request.visit.caller.operator.id,
      })),
      canChange: canDo(request, change),
    }
    return sendConsole(
      parts.sendPage,
      { request, reply },
      { template: 'operators', current: 'operators', data },
    )
  })
  invitationForm(scope, parts)
  for (const asked of confirmations) confirmation(scope, parts, asked)
}

/** The form, and the link that comes of it, which is shown once. */
function invitationForm(scope: App, { sendPage }: ConsoleParts): void {
  const config = { needsOperatorProof: true }
  const show = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    requireMay(request, invite)
    const data = {
      roles: choicesOf(request),
      realms: [...request.visit.desk.means.realms.keys()],
      given: fieldsOf(request),
    }
    return sendConsole(
      sendPage,
      { request, reply, trouble },
      { template: 'operator-invite', current: 'operators', data },
    )
  }
  scope.get(`${path}/invite`, { config }, (request, reply) => show(request, reply))
  scope.post(`${path}/invite`, { config }, async (request, reply) => {
    try {
      const { link, expiresAt } = await performFor(request, invite)
      const data = { link, expires: timeFor(request, expiresAt) }
      return sendConsole(
        sendPage,
        { request, reply },
        { template: 'operator-invited', current: 'operators', data },
      )
    } catch (error) {
      return show(request, reply, troubleOf(request, error))
    }
  })
}

function choicesOf(request: FastifyRequest) {
  const texts = textsFor(request)
  return roles.map((role) => ({ value: role, text: texts[`role_${role}`], hint: texts[`roleHint_${role}`] }))
}

const back = () => path
const subject = async ({ params, visit }: FastifyRequest) => {
  const { name, email } = await operatorById(visit.ctx, (params as { operator: string }).operator)
  return email === undefined ? name : `${name} (${email})`
}

const confirmations: Confirmation[] = [
  {
    path: '/operators/:operator/disable',
    operation: disable,
    current: 'operators',
    title: 'operatorDisableTitle',
    button: 'disable',
    will: ['operatorDisableWill'],
    willNot: ['operatorDisableWillNot'],
    subject,
    back,
    notice: { text: 'operatorDisabled' },
  },
  {
    path: '/operators/:operator/enable',
    operation: enable,
    current: 'operators',
    title: 'operatorEnableTitle',
    button: 'enable',
    will: ['operatorEnableWill'],
    subject,
    back,
    notice: { text: 'operatorEnabled' },
  },
  {
    path: '/operators/:operator/role',
    operation: change,
    current: 'operators',
    title: 'operatorRoleTitle',
    button: 'save',
    will: ['operatorRoleWill'],
    fields: ['role'],
    subject,
    back,
    notice: { text: 'operatorChanged' },
  },
]

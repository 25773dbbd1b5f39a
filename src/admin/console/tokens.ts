import type { FastifyReply, FastifyRequest } from 'fastify'
import { capabilities } from '../../core/operators/capabilities.ts'
import type { App } from '../../http/types.ts'
import { list, make, revoke } from '../operations/operators/tokens.ts'
import { confirmation } from './confirm.ts'
import type { ConsoleParts } from './console-parts.ts'
import { type Told, troubleOf } from './problems.ts'
import { canDo, fieldsOf, performFor, requireMay, sendConsole, timeFor } from './visit.ts'

const path = '/admin/tokens'

/** What programs show to the API: made with the scopes that they need, shown once, revoked at once. */
export function tokenPages(scope: App, parts: ConsoleParts): void {
  scope.get(path, async (request, reply) => {
    const { items } = await performFor(request, list)
    const now = request.visit.ctx.now()
    const data = {
      tokens: items.map((token) => ({
        ...token,
        isOver: token.revokedAt !== null || Date.parse(token.expiresAt) <= now,
        expires: timeFor(request, token.expiresAt),
        lastUsed: timeFor(request, token.lastUsedAt),
      })),
      canChange: canDo(request, make),
    }
    return sendConsole(parts.sendPage, { request, reply }, { template: 'tokens', current: 'tokens', data })
  })
  newTokenForm(scope, parts)
  confirmation(scope, parts, {
    path: '/tokens/:token/revoke',
    operation: revoke,
    current: 'tokens',
    title: 'tokenRevokeTitle',
    button: 'revoke',
    will: ['tokenRevokeWill'],
    back: () => path,
    notice: { text: 'tokenRevoked' },
  })
}

function newTokenForm(scope: App, { sendPage }: ConsoleParts): void {
  const config = { needsOperatorProof: true }
  const show = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    requireMay(request, make)
    const given = fieldsOf(request)
    const chosen = [given.scopes].flat()
    const data = {
      scopes: capabilities.map((name) => ({ name, isChosen: chosen.includes(name) })),
      realms: [...request.visit.desk.means.realms.keys()],
      given,
    }
    return sendConsole(
      sendPage,
      { request, reply, trouble },
      { template: 'token-new', current: 'tokens', data },
    )
  }
  scope.get(`${path}/new`, { config }, (request, reply) => show(request, reply))
  scope.post(`${path}/new`, { config }, async (request, reply) => {
    try {
      const { token, row } = await performFor(request, make)
      const data = { token, name: row.name, expires: timeFor(request, row.expiresAt) }
      return sendConsole(sendPage, { request, reply }, { template: 'token-made', current: 'tokens', data })
    } catch (error) {
      return show(request, reply, troubleOf(request, error))
    }
  })
}

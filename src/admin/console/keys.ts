import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { App } from '../../http/types.ts'
import { list, listMasterKeys, replace, rotate } from '../operations/keys/keys.ts'
import { confirmation } from './confirm.ts'
import type { ConsoleParts } from './console-parts.ts'
import { realmPath } from './menu.ts'
import { type Told, troubleOf } from './problems.ts'
import { type Texts, textsFor } from './texts.ts'
import { canDo, deskOfServer, goOn, performFor, sendConsole, timeFor } from './visit.ts'

const path = '/admin/realms/:realm/keys'

/** The keys that sign the tokens of a realm. */
export function keyPages(scope: App, parts: ConsoleParts): void {
  masterKeyPage(scope, parts)
  const show = showKeys(parts)
  scope.get(path, (request, reply) => show(request, reply))

  scope.post(`${path}/rotate`, async (request, reply) => {
    try {
      await performFor(request, rotate)
      return goOn(request, reply, backOf(request), { text: 'keysRotated' })
    } catch (error) {
      return show(request, reply, troubleOf(request, error))
    }
  })

  confirmation(scope, parts, {
    path: '/realms/:realm/keys/replace',
    operation: replace,
    current: 'keys',
    title: 'keysReplaceTitle',
    button: 'keysReplace',
    will: ['keysReplaceWill', 'keysReplaceWillVerify'],
    willNot: ['keysReplaceWillNot'],
    subject: async (request) => realmOf(request),
    back: backOf,
    notice: { text: 'keysReplaced' },
  })
}

function showKeys({ sendPage }: ConsoleParts) {
  return async (request: FastifyRequest, reply: FastifyReply, trouble?: Told): Promise<FastifyReply> => {
    const { items } = await performFor(request, list)
    const now = request.visit.ctx.now()
    const texts = textsFor(request)
    const waiting = items.find(({ readyAt }) => readyAt !== null && Date.parse(readyAt) > now)
    const keys = items.map((key) => ({
      ...key,
      stateText: texts[`keyState_${key.state}`],
      since: timeFor(request, key.activatedAt ?? key.createdAt),
      until: timeFor(request, key.retiredAt),
      ready: timeFor(request, key.readyAt),
    }))
    const data = {
      keys,
      canRotate: canDo(request, rotate) && waiting === undefined,
      canReplace: canDo(request, replace),
      readyAt: canDo(request, rotate) ? timeFor(request, waiting?.readyAt) : undefined,
      masterPath: deskOfServer(request).asker.may(listMasterKeys.capability)
        ? '/admin/master-keys'
        : undefined,
      action: `${backOf(request)}/rotate`,
      replacePath: `${backOf(request)}/replace`,
    }
    return sendConsole(sendPage, { request, reply, trouble }, { template: 'keys', current: 'keys', data })
  }
}

/** Counting what rests on each master key reads every live session, so no other page does. */
function masterKeyPage(scope: App, { sendPage }: ConsoleParts): void {
  scope.get('/admin/master-keys', async (request, reply) => {
    const { items } = await performFor(request, listMasterKeys)
    const texts = textsFor(request)
    const masterKeys = items.map((key) => ({
      ...key,
      roleText: texts[`masterKey_${key.role}`],
      advice: texts[adviceOn(key)],
      sessionsEnd: timeFor(request, key.sessionsEndAt),
    }))
    return sendConsole(
      sendPage,
      { request, reply },
      { template: 'master-keys', current: 'keys', data: { masterKeys } },
    )
  })
}

type ShownMasterKey = z.input<(typeof listMasterKeys)['output']>['items'][number]

function adviceOn({ role, sealedTexts, isRemovable }: ShownMasterKey): keyof Texts {
  if (role === 'gone') return sealedTexts > 0 ? 'masterKeyMissing' : 'masterKeyGone'
  if (role !== 'previous') return 'masterKeyNothing'
  if (isRemovable) return 'masterKeyRemovable'
  return sealedTexts > 0 ? 'masterKeyNeeded' : 'masterKeySessions'
}

function realmOf({ params }: FastifyRequest): string {
  return (params as { realm: string }).realm
}

function backOf(request: FastifyRequest): string {
  return `${realmPath(realmOf(request))}/keys`
}

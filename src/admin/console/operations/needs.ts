import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { fillIn } from '../../../lib/fill-in.ts'
import type { realmOverview, serverOverview } from '../../operations/overview/overview.ts'
import { realmPath } from '../menu.ts'
import { type Texts, textsFor } from '../texts.ts'
import { numberText } from './figures.ts'

/** Something that needs a hand, and the page where it is seen to. */
interface Need {
  text: string
  href: string
  tone: 'warn' | 'bad'
}

type View = z.input<typeof realmOverview.output> & Partial<z.input<typeof serverOverview.output>>
type Troubles = View['troubles'][number]

/** Below this there is not enough room to go on for long. */
const lowFreeBytes = 2 ** 30

/** What needs a hand, the worst first. */
export function needsOf(request: FastifyRequest, view: View): Need[] {
  const needs = [
    ...needsOfServer(request, view),
    ...view.troubles.flatMap((one) => needsOfRealm(request, one)),
  ]
  return needs.sort((one, other) => Number(other.tone === 'bad') - Number(one.tone === 'bad'))
}

function needsOfServer(
  request: FastifyRequest,
  { nodes = [], ownersWithOnePasskey = [], freeDiskBytes = null }: View,
): Need[] {
  const say = sayingFor(request)
  const late = nodes.filter(({ isLate }) => isLate)
  const own = request.visit.caller.operator.id
  return [
    ...late.map(({ host, pid }) => need('bad', say('needNode', { node: `${host} · ${pid}` }), '#nodes')),
    ...(freeDiskBytes !== null && freeDiskBytes < lowFreeBytes
      ? [
          need(
            'bad',
            say('needDisk', { free: numberText(request, freeDiskBytes / 2 ** 20) }),
            '/admin/health',
          ),
        ]
      : []),
    ...(ownersWithOnePasskey.includes(own) ? [need('warn', say('needOwnPasskey'), '/admin/access')] : []),
    ...(ownersWithOnePasskey.some((id) => id !== own)
      ? [need('warn', say('needOwnersPasskey'), '/admin/operators')]
      : []),
  ]
}

function needsOfRealm(
  request: FastifyRequest,
  { realm, givenUp, jobLagSeconds, reuses, isKeyDue }: Troubles,
): Need[] {
  const say = sayingFor(request)
  const base = realmPath(realm)
  const many = (count: number) => (count >= 1000 ? '1000+' : String(count))
  return [
    ...(givenUp > 0
      ? [need('bad', say('needGivenUp', { count: many(givenUp), realm }), `${base}/messages?state=given-up`)]
      : []),
    ...(jobLagSeconds > 0
      ? [need('bad', say('needLag', { seconds: jobLagSeconds, realm }), `${base}/messages?state=waiting`)]
      : []),
    ...(reuses > 0
      ? [
          need(
            'bad',
            say('needReuse', { count: many(reuses), realm }),
            `${base}/audit?event=session.reuse_detected`,
          ),
        ]
      : []),
    ...(isKeyDue ? [need('warn', say('needKey', { realm }), `${base}/keys`)] : []),
  ]
}

function need(tone: Need['tone'], text: string, href: string): Need {
  return { tone, text, href }
}

function sayingFor(request: FastifyRequest) {
  const texts = textsFor(request)
  return (text: keyof Texts, values: Record<string, string | number> = {}) => fillIn(texts[text], values)
}

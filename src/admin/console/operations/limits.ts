import type { FastifyReply, FastifyRequest } from 'fastify'
import { BlockRefused } from '../../../core/limits/blocks.ts'
import { listOperators } from '../../../core/operators/operators.ts'
import { languageOf } from '../../../http/origin.ts'
import type { App } from '../../../http/types.ts'
import * as blocks from '../../operations/limits/blocks.ts'
import { clear, listRules, lookUp, refused } from '../../operations/limits/limits.ts'
import { perform } from '../../operations/operation.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { describeLimit } from '../core-texts.ts'
import { realmPath } from '../menu.ts'
import { type Told, troubleOf } from '../problems.ts'
import { textsFor } from '../texts.ts'
import { canDo, fieldsOf, goOn, performFor, sendConsole, timeFor } from '../visit.ts'
import { unitText } from './figures.ts'

const path = '/admin/realms/:realm/limits'
const minuteMs = 60_000

/** What is limited in a realm: the rules, what somebody has used of them, who was refused, and who is blocked. */
export function limitPages(scope: App, { sendPage }: ConsoleParts): void {
  const show = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    const found = await lookedUp(request).catch((error) => ({ trouble: troubleOf(request, error) }))
    const told = trouble ?? ('trouble' in found ? found.trouble : undefined)
    const data = { ...(await dataOf(request)), found: 'trouble' in found ? undefined : found.found }
    return sendConsole(
      sendPage,
      { request, reply, trouble: told },
      { template: 'limits', current: 'limits', data },
    )
  }
  scope.get(path, (request, reply) => show(request, reply))
  scope.post(`${path}/clear`, async (request, reply) => {
    try {
      const { items } = await performFor(request, clear)
      return goOn(request, reply, ownPath(request), {
        text: items.length === 0 ? 'nothingCounted' : 'limitsCleared',
        values: { of: String(fieldsOf(request).of) },
      })
    } catch (error) {
      return show(request, reply, troubleOf(request, error))
    }
  })
  scope.post(`${path}/blocks`, async (request, reply) => {
    try {
      const { range } = await performFor(request, blocks.add)
      return goOn(request, reply, ownPath(request), { text: 'blockAdded', values: { range } })
    } catch (error) {
      return show(request, reply, blockTrouble(request, error))
    }
  })
  scope.post(`${path}/blocks/remove`, async (request, reply) => {
    await performFor(request, blocks.remove)
    const range = String(fieldsOf(request).range)
    return goOn(request, reply, ownPath(request), { text: 'blockRemoved', values: { range } })
  })
}

function ownPath({ params }: FastifyRequest): string {
  return `${realmPath((params as { realm: string }).realm)}/limits`
}

/** Of a block that is refused, the field is the range. */
function blockTrouble(request: FastifyRequest, error: unknown): Told {
  const told = troubleOf(request, error)
  return error instanceof BlockRefused ? { ...told, field: 'range' } : told
}

/** What was found for what was typed, if anything was. */
async function lookedUp(request: FastifyRequest) {
  const { of } = request.query as { of?: unknown }
  if (typeof of !== 'string' || of.trim() === '') return { found: undefined }
  const { address, account, items } = await perform(lookUp, request.visit.desk, { of })
  const texts = textsFor(request)
  return {
    found: {
      of: of.trim(),
      account,
      isAddress: address !== null,
      counts: items.map((count) => ({
        ...count,
        who: count.who === 'account' ? texts.theAccount : count.who,
        ends: timeFor(request, count.endsAt),
        isSoon: Date.parse(count.endsAt) - request.visit.ctx.now() < minuteMs,
      })),
    },
  }
}

async function dataOf(request: FastifyRequest) {
  const { desk } = request.visit
  const [rules, lately, blocked, actors] = await Promise.all([
    perform(listRules, desk, {}),
    perform(refused, desk, {}),
    perform(blocks.list, desk, {}),
    actorTexts(request),
  ])
  return {
    base: ownPath(request),
    given: fieldsOf(request),
    ownAddress: desk.ctx.origin.ip,
    canClear: canDo(request, clear),
    canBlock: canDo(request, blocks.add),
    rules: rules.items.map((rule) => ({
      ...rule,
      ...describeLimit(rule, languageOf(request)),
      window: durationText(request, rule.seconds),
    })),
    lately: lately.items.map((address) => ({ ...address, last: timeFor(request, address.lastAt) })),
    blocks: blocked.items.map((block) => ({
      ...block,
      by: actors(block.actor),
      ends: timeFor(request, block.endsAt),
      created: timeFor(request, block.createdAt),
    })),
  }
}

/** What those are called who act, as the audit trail has them. */
async function actorTexts(request: FastifyRequest): Promise<(actor: string) => string> {
  const texts = textsFor(request)
  const names = new Map((await listOperators(request.visit.ctx)).map(({ id, name }) => [id, name]))
  return (actor) => {
    if (actor === 'cli') return texts.commandLine
    const [kind, id = ''] = actor.split(':')
    return kind === 'token' ? `${texts.aToken} ${id}` : (names.get(id) ?? id)
  }
}

const units = [
  { seconds: 86_400, unit: 'day' },
  { seconds: 3600, unit: 'hour' },
  { seconds: 60, unit: 'minute' },
  { seconds: 1, unit: 'second' },
] as const

/** A length of time in the largest unit of which it is a whole number. */
function durationText(request: FastifyRequest, seconds: number): string {
  const fitting = units.find((unit) => seconds % unit.seconds === 0) ?? units[3]
  return unitText(request, seconds / fitting.seconds, fitting.unit)
}

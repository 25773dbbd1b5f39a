import type { FastifyRequest } from 'fastify'
import { listOperators } from '../../../core/operators/operators.ts'
import { timeFor } from '../visit.ts'

interface SetHere {
  at: string
  actor: string | null
}

/** Tells who has set something and when, as the part `_set-here` shows it: operators by their names. */
export async function setByTeller(request: FastifyRequest) {
  const operators = await listOperators(request.visit.ctx)
  const names = new Map(operators.map(({ id, name }) => [`operator:${id}`, name]))
  return ({ at, actor }: SetHere) => ({
    who: actor === null ? undefined : (names.get(actor) ?? actor),
    time: timeFor(request, at),
  })
}

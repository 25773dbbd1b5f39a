import type { FastifyRequest } from 'fastify'
import { answerOnce } from '../../core/operators/requests.ts'
import { ApiError } from './problem.ts'

/**
 * Does the work of a request that has an `Idempotency-Key` once for that key and token, and says whether it was done before.
 * Throws `idempotency_key_invalid`, `idempotency_key_reused` and `request_in_flight`, and as the work does.
 */
export async function doOnce<Answer>(
  { headers, program }: FastifyRequest,
  { name, realm, input }: { name: string; realm: string | undefined; input: unknown },
  work: () => Promise<Answer>,
): Promise<{ answer: Answer; isRepeated: boolean }> {
  const key = headers['idempotency-key']
  if (key === undefined) return { answer: await work(), isRepeated: false }
  if (typeof key !== 'string' || !/^[!-~]{1,255}$/.test(key)) throw new ApiError('idempotency_key_invalid')
  const { ctx, token } = program
  const keyed = await answerOnce(
    ctx,
    { token, key, input: JSON.stringify([name, realm, inOrder(input)]) },
    work,
  )
  if (keyed.outcome === 'other_input') throw new ApiError('idempotency_key_reused')
  if (keyed.outcome === 'in_flight') throw new ApiError('request_in_flight', { 'retry-after': '1' })
  return { answer: keyed.answer, isRepeated: keyed.outcome === 'repeated' }
}

/** The order in which fields come says nothing. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([name, field]) => [name, inOrder(field)])
}

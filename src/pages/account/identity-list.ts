import type { FastifyRequest } from 'fastify'
import { listIdentities } from '../../core/identities/own-identities.ts'
import { dateFor } from './reader.ts'

/** What the page of security shows of the providers of the realm. */
export async function readIdentities(request: FastifyRequest) {
  const { ctx, caller } = request.person
  return (await listIdentities(ctx, caller)).map(({ provider: { id, name }, since }) => ({
    id,
    name,
    since: since === undefined ? undefined : dateFor(request, since),
  }))
}

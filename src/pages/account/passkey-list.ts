import type { FastifyRequest } from 'fastify'
import { AuthError } from '../../core/errors.ts'
import { maxPasskeys } from '../../core/passkeys/add.ts'
import { listPasskeys } from '../../core/passkeys/list.ts'
import { shortIdOf } from '../../core/passkeys/short-id.ts'
import { readUserAgent } from '../../http/device.ts'
import type { PasskeyRow } from '../../store/schema.ts'
import { dateFor } from './reader.ts'

/** What the part `_passkeys` is given: the passkeys of whoever is signed in, and what their browser shall know of them. */
export async function readPasskeys(request: FastifyRequest) {
  const { ctx, caller } = request.person
  const { passkeys, known } = await listPasskeys(ctx, caller)
  return {
    passkeys: passkeys.map((passkey) => presentPasskey(passkey, request)),
    knownPasskeys: known && JSON.stringify(known),
    canAddPasskey: known !== undefined && passkeys.length < maxPasskeys,
  }
}

function presentPasskey(passkey: PasskeyRow, request: FastifyRequest) {
  const { id, name, created_at: createdAt, last_used_at: lastUsedAt } = passkey
  const madeBy = readUserAgent(passkey.user_agent ?? undefined)
  return {
    id: shortIdOf(id),
    name,
    isSynced: passkey.backed_up === 1,
    isSuspected: passkey.suspected_at !== null,
    isElsewhere: passkey.rp_id !== request.person.ctx.realm.passkeys?.rpId,
    added: dateFor(request, createdAt),
    lastUsed: lastUsedAt === null ? undefined : dateFor(request, lastUsedAt),
    madeBy: [madeBy?.browser, madeBy?.os].filter(Boolean).join(', ') || undefined,
  }
}

/**
 * The credential id of one of the passkeys of whoever is signed in, by what names it in a path. Throws `passkey_invalid`
 * when there is none.
 */
export async function passkeyIdOf(
  { person: { ctx, caller } }: FastifyRequest,
  shortId: string,
): Promise<string> {
  const { passkeys } = await listPasskeys(ctx, caller)
  const found = passkeys.find(({ id }) => shortIdOf(id) === shortId)
  if (!found) throw new AuthError('passkey_invalid')
  return found.id
}

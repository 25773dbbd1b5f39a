import { createHmac, createSecretKey, hkdfSync } from 'node:crypto'
import type { RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { sealing } from '../keys/master-key.ts'
import { OperatorError } from './operator-error.ts'

/** How long it is known what a key was used for. */
const lifetimeMs = 24 * 60 * 60 * 1000

/** A request that its sender has named with a key, so that it is done once, however often it arrives. */
export interface KeyedRequest {
  /** The token of the program. */
  token: string
  key: string
  /** What is asked, in one form. */
  input: string
}

/** What becomes of it. */
export type Keyed<Answer> =
  | { outcome: 'done' | 'repeated'; answer: Answer }
  /** The key was used for something else. */
  | { outcome: 'other_input' }
  /** The first one has not been answered, or nobody knows how it ended. */
  | { outcome: 'in_flight' }

/**
 * Does the work of a request once for its key, for a day: one that comes again is given the answer that the first one got.
 * A request that was refused has changed nothing, and may come again. What is kept of it can be read with the program's token
 * alone: answers hold what is shown once, and what is said of people.
 */
export async function answerOnce<Answer>(
  ctx: Pick<RealmContext, 'store' | 'now' | 'randomBytes' | 'log'>,
  request: KeyedRequest,
  work: () => Promise<Answer>,
): Promise<Keyed<Answer>> {
  const { id, inputHash, seal, unseal } = secretsOf(request)
  const { adminRequests } = ctx.store
  const now = ctx.now()
  const row = { id, input_hash: inputHash, created_at: now, expires_at: now + lifetimeMs }
  if (!(await adminRequests.begin(row))) {
    const earlier = await adminRequests.byId(id)
    if (earlier && earlier.input_hash !== inputHash) return { outcome: 'other_input' }
    if (!earlier?.answer) return { outcome: 'in_flight' }
    return { outcome: 'repeated', answer: JSON.parse(unseal(earlier.answer)) }
  }
  const answer = await work().catch(async (error: unknown) => {
    // What is not thrown on purpose may have happened after all.
    if (error instanceof AuthError || error instanceof OperatorError) await adminRequests.forget(id)
    throw error
  })
  await adminRequests.finish(id, seal(JSON.stringify(answer), ctx.randomBytes(nonceBytes))).catch((error) => {
    // It is done, which its sender should hear above all.
    ctx.log.warn({ err: error }, 'the answer to a request with a key was not kept')
  })
  return { outcome: 'done', answer }
}

const nonceBytes = 12

/** Derived from the token, of which only a hash is kept: a copy of the database opens nothing, not even with the master key. */
function secretsOf({ token, key, input }: KeyedRequest) {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', token, '', `manydoors ${purpose}`, 32))
  const mac = (text: string) => createHmac('sha256', derive('request-mac')).update(text).digest('base64url')
  const id = mac(`key ${key}`)
  const { seal, unseal } = sealing(createSecretKey(derive('request-answer')))
  return {
    id,
    inputHash: mac(`input ${input}`),
    seal: (plain: string, nonce: Buffer) => seal(plain, id, nonce),
    unseal: (sealed: string) => unseal(sealed, id),
  }
}

import type { AnyContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { DoorsOldServer } from './old-server.ts'
import type { PasswordAnswer } from './upstream.ts'

/**
 * The old server of the request's door, while it is asked about anybody. Who is asked about does not matter: names that
 * nobody has would else take another time.
 */
export async function oldServerNow(ctx: AnyContext): Promise<DoorsOldServer | undefined> {
  const dialect = ctx.door?.dialect ?? ''
  const server = ctx.oldServers.get(dialect)
  if (!server || (server.until !== undefined && ctx.now() >= server.until)) return undefined
  if (server.verify === 'unknown' || (await ctx.store.accounts.isAnyPending(dialect))) return server
  const isAsked = server.authority === 'old' && (await ctx.store.accounts.passwordLabels()).length > 0
  return isAsked ? server : undefined
}

/** How long a caller is asked to stay away where the old server does not say. */
const retryAfterSeconds = 5

/** The refusal where nothing is known of a password, as the old server could not be asked; none where it was. */
export function troubleOf(answer: PasswordAnswer): AuthError | undefined {
  if (answer.outcome === 'busy')
    return new AuthError('unavailable', { retryAfter: answer.retryAfterSeconds ?? retryAfterSeconds })
  return answer.outcome === 'failed'
    ? new AuthError('unavailable', { retryAfter: retryAfterSeconds })
    : undefined
}

/** Whether an answer that was not understood may be due to what was asked: it does not show that the server is in trouble. */
export function isProvoked(answer: PasswordAnswer): boolean {
  const { why, status = 500 } = answer.outcome === 'failed' ? answer : {}
  return why === 'unexpected' && status < 500
}

import { AuthError } from '../core/errors.ts'
import { UpstreamTrouble } from '../core/switching/upstream.ts'

/** How a sign-in with a provider has failed, for whoever signs in, and in a word for the operator. */
interface ProviderFailure {
  code: 'identity_declined' | 'identity_refused' | 'unavailable'
  why: string
}

/** What providers say when a person has turned back (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, and Apple). */
const declined = new Set([
  'access_denied',
  'user_cancelled_authorize',
  'consent_required',
  'interaction_required',
  'login_required',
  'account_selection_required',
])
const outOfOrder = new Set(['server_error', 'temporarily_unavailable'])

/** An error of the library or of a connection in our words. Of an answer, the code of its error is kept and nothing else. */
export function failureOf(error: unknown): ProviderFailure {
  const trouble = findTrouble(error)
  if (trouble) return { code: 'unavailable', why: trouble.message }
  return refusalOf(error)
}

/** A discovery document that cannot be used. */
export function unusable(error: unknown): UpstreamTrouble {
  const trouble = findTrouble(error)
  if (trouble) return trouble
  const made = new UpstreamTrouble({ outcome: 'failed', why: 'unexpected' })
  made.message = `discovery: ${refusalOf(error).why}`
  return made
}

function refusalOf(error: unknown): ProviderFailure {
  if (error instanceof AuthError) return { code: 'identity_refused', why: 'unreadable' }
  const { error: said, code } = error as { error?: unknown; code?: unknown }
  if (typeof said === 'string' && declined.has(said)) return { code: 'identity_declined', why: said }
  if (typeof said === 'string' && outOfOrder.has(said)) return { code: 'unavailable', why: said }
  return { code: 'identity_refused', why: wordOf(said) ?? wordOf(code) ?? 'unexpected' }
}

function findTrouble(error: unknown): UpstreamTrouble | undefined {
  for (
    let inner: unknown = error, depth = 0;
    inner instanceof Error && depth < 5;
    inner = inner.cause, depth++
  )
    if (inner instanceof UpstreamTrouble) return inner
  return undefined
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined
}

import type { ErrorCode } from '../../core/errors.ts'
import type { IdentityProvider } from '../../core/identities/provider.ts'
import type { Problem } from '../problems.ts'

/** What can go wrong at a provider, whatever somebody was sent there for. */
export function providerProblems({
  name,
}: Pick<IdentityProvider, 'name'>): Partial<Record<ErrorCode, Problem>> {
  const values = { provider: name }
  return {
    challenge_invalid: { status: 401, text: 'withStale', values },
    identity_declined: { status: 401, text: 'withDeclined', values },
    identity_refused: { status: 401, text: 'withRefused', values },
    unavailable: { status: 503, text: 'withUnavailable', values },
  }
}

import { type Draft, routeOf } from './draft.ts'
import { asFields, type Exchange, isSuccess, leavesOf } from './exchange.ts'
import type { Given } from './presenters.ts'
import type { Role, Route } from './roles.ts'

/** The successes of a route; those of signing in, where none of its own was seen. */
export function answersOf(
  draft: Draft,
  route: Route,
  role: Role,
  given: Given,
): { answers: Exchange[]; borrowed: string[] } {
  const own = successes(route, role)
  const isKnown = own.length > 0 || (given !== 'signedIn' && given !== 'refreshed')
  if (isKnown) return { answers: own, borrowed: [] }
  return {
    answers: signInAnswers(draft),
    borrowed: ['it was never seen to succeed, and answers as signing in does: does it?'],
  }
}

function successes(route: Route | undefined, role: Role): Exchange[] {
  return route?.exchanges.filter((one) => isSuccess(one) && !isChallenge(role, one.answer)) ?? []
}

/** What signing in is answered with where no second factor is wanted. */
export function signInAnswers(draft: Draft): Exchange[] {
  return successes(routeOf(draft, 'signIn'), 'signIn')
}

/** A sign-in that wants a second factor: a secret, and no access token beside a refresh token or a user. */
export function isChallenge(role: Role, answer: unknown): boolean {
  if (role !== 'signIn' || asFields(answer) === undefined) return false
  const names = leavesOf(answer).map(({ name }) => name)
  return (
    names.some((name) => /two|2fa|mfa|challenge|factor|otp/i.test(name)) &&
    !names.some((name) => /refresh|access/i.test(name))
  )
}

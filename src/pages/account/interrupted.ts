import { isRefusal } from '../../core/errors.ts'
import type { App } from '../../http/types.ts'

/**
 * Leads people on whose session has ended while their form was on its way, or whose proof has grown old: to the sign-in or
 * to the proof, and from there back to the page of the form.
 */
export function leadInterruptedOn(scope: App): void {
  scope.setErrorHandler(async (error, request, reply) => {
    const next = encodeURIComponent(request.routeOptions.config.page ?? '/ui/account')
    const isSignedOut = isRefusal(error, 'access_invalid')
    if (!isSignedOut && !isRefusal(error, 'recent_sign_in_needed')) throw error
    request.refusal = error
    const path = isSignedOut ? '/ui/account/sign-in' : '/ui/account/prove'
    return reply.redirect(`${path}?next=${next}`, 303)
  })
}

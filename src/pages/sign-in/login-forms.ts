import type { FastifyRequest } from 'fastify'
import { AuthError } from '../../core/errors.ts'
import { findPending } from '../../core/identities/pending.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, type Problem, sendForm } from '../problems.ts'
import type { PageName } from '../samples.ts'
import { passkeyOfSecondFactor, passkeyOfSignIn } from './passkey-part.ts'
import { findVisit, findVisitOfForm, formTargetOf, maySignUp, type Visit } from './visit.ts'

/** The password is to be shown again. */
export const challengeDead: Problem = { status: 401, text: 'challengeInvalid' }

/** A form of a login, and whose it is. */
export interface LoginView extends FormView {
  visit: Visit
}

/** A form that goes on from a password that was right. */
export interface ChallengeView extends LoginView {
  challenge: string
}

export type LoginForms = ReturnType<typeof loginForms>

/** The forms of a login: each leads to the others. */
export function loginForms(parts: PageParts) {
  const show = (template: PageName, view: LoginView, data: object) => {
    const { login, path, formKey } = view.visit
    const { brand } = login.client
    const fields = { form: formKey(), path, brand: brand.name, ...data }
    return sendForm(parts.sendPage, view, template, fields, { brand, formTarget: formTargetOf(login) })
  }
  return {
    /** `unknown` is a passkey that was shown and that nobody has. */
    signIn: async (view: LoginView & { identifier?: string; unknown?: string }) => {
      const { visit, unknown, problem } = view
      const pending = await findPending(visit.ctx, visit.login.id)
      const connects = pending?.accountId ? pending : undefined
      const identifier = view.identifier ?? connects?.email
      const passkey = passkeyOfSignIn(visit, { isRefused: problem !== undefined, unknown })
      return show('sign-in', view, {
        identifier,
        passkey,
        maySignUp: maySignUp(parts, visit.login),
        connects: connects?.provider.name,
        providers: [...visit.ctx.identityProviders.values()].map(({ id, name }) => ({ id, name })),
      })
    },
    secondFactor: async (view: ChallengeView) => {
      const { visit, challenge } = view
      const passkey = await passkeyOfSecondFactor(visit, challenge)
      return show('second-factor', view, { challenge, passkey })
    },
    fewRecoveryCodes: (view: LoginView & { left: number; next: string }) =>
      show('few-recovery-codes', view, { left: view.left, next: view.next }),
    recoveryCode: (view: ChallengeView) => show('recovery-code', view, { challenge: view.challenge }),
  }
}

/** That of the form, or else the newest: its page says then that the form is of another. Throws `challenge_invalid`. */
export async function visitOfForm(
  parts: PageParts,
  request: FastifyRequest,
  formKey: string,
): Promise<Visit> {
  const visit = (await findVisitOfForm(parts, request, formKey)) ?? (await findVisit(parts, request))
  if (!visit) throw new AuthError('challenge_invalid')
  return visit
}

import type { FastifyRequest } from 'fastify'
import { AuthError } from '../core/errors.ts'
import { findVisit, findVisitOfForm, formTargetOf, maySignUp, type PageParts, type Visit } from './login.ts'
import { type FormView, sendForm } from './problems.ts'
import type { PageName } from './samples.ts'

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
    signIn: (view: LoginView & { identifier?: string }) =>
      show('sign-in', view, {
        identifier: view.identifier,
        maySignUp: maySignUp(parts, view.visit.login),
      }),
    secondFactor: (view: ChallengeView) => show('second-factor', view, { challenge: view.challenge }),
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

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, isRefusal } from '../../core/errors.ts'
import { accountDoor } from '../../core/self-service/account-door.ts'
import { endBrowserSession } from '../../core/self-service/browser-sessions.ts'
import { hasShownEnough, proveLoginBySession } from '../../core/sign-in/hosted-logins.ts'
import { sessionCookie } from '../../http/session-cookie.ts'
import type { App } from '../../http/types.ts'
import { findPerson, nameOf, type Person } from '../account/person.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, foreignForm, type Problem, problemOf, sendForm } from '../problems.ts'
import { formTargetOf, LoginPath, readVisit, type Visit } from './visit.ts'

const ChooseForm = z.object({ form: textField, account: textField, action: textField })

const problems: Partial<Record<ErrorCode, Problem>> = {
  email_unverified: { status: 401, text: 'emailUnverified' },
}

/**
 * Who is signed in to the browser and can go on with the login as they are; `undefined` for nobody. Signing in to the
 * account page is a sign-in anew, and so is one that the app wants so, or for which the session lacks the second factor.
 */
export async function findChoice(
  parts: PageParts,
  request: FastifyRequest,
  { login }: Visit,
): Promise<Person | undefined> {
  if (login.dialect === accountDoor.dialect || login.isAnew) return undefined
  const person = await findPerson(parts, request)
  if (!person) return undefined
  return (await hasShownEnough(person.ctx, login, person.caller)) ? person : undefined
}

/**
 * Asks somebody who is signed in to the browser whether to go on as they are. No app gets them in without that: whoever
 * sends a browser here does not know who sits there.
 */
export function chooseAccountPages(app: App, parts: PageParts): void {
  const show = (view: FormView, { login, path, formKey }: Visit, { caller: { account } }: Person) => {
    const { brand } = login.client
    const who = nameOf(account)
    const fields = { form: formKey(), path, brand: brand.name, account: account.id, who }
    return sendForm(parts.sendPage, view, 'choose-account', fields, {
      brand,
      formTarget: formTargetOf(login),
    })
  }

  app.get('/ui/l/:login/choose-account', { schema: { params: LoginPath } }, async (request, reply) => {
    const visit = await readVisit(parts, request, request.params.login)
    const person = await findChoice(parts, request, visit)
    if (!person) return reply.redirect(`${visit.path}/sign-in`, 303)
    return show({ request, reply }, visit, person)
  })

  app.post(
    '/ui/l/:login/choose-account',
    { schema: { params: LoginPath, body: ChooseForm } },
    async (request, reply) => {
      const visit = await readVisit(parts, request, request.params.login)
      const person = await findChoice(parts, request, visit)
      if (!person) return reply.redirect(`${visit.path}/sign-in`, 303)
      const { form, account, action } = request.body
      // Somebody else may have signed in to the browser since the page was shown.
      if (!visit.owns(form) || account !== person.caller.account.id)
        return show({ request, reply, problem: foreignForm }, visit, person)
      if (action === 'sign-out') {
        await endBrowserSession(person.ctx, person.caller)
        sessionCookie.drop(reply)
        return reply.redirect(`${visit.path}/sign-in`, 303)
      }
      try {
        const { path } = await proveLoginBySession(visit.ctx, visit.login, person.caller)
        return reply.redirect(path, 303)
      } catch (error) {
        // The session has ended in this moment, or a second factor was set.
        if (isRefusal(error, 'access_invalid') || isRefusal(error, 'second_factor_needed'))
          return reply.redirect(`${visit.path}/sign-in`, 303)
        return show({ request, reply, problem: problemOf(problems, error, reply) }, visit, person)
      }
    },
  )
}

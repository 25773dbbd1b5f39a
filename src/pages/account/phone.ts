import { z } from 'zod'
import { readPhone } from '../../core/accounts/phones.ts'
import type { ErrorCode } from '../../core/errors.ts'
import {
  confirmPhoneChange,
  pendingPhone,
  removePhone,
  requestPhoneChange,
} from '../../core/self-service/phone-change.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { goOn, type SendAccount } from './send.ts'

const PhoneForm = z.object({ phone: textField })
const CodeForm = z.object({ code: textField })

const page = '/ui/account/phone'

const invalid: Problem = { status: 400, text: 'phoneInvalid' }
const isYours: Problem = { status: 400, text: 'phoneIsYours' }
const country: Problem = { status: 400, text: 'phoneCountry' }
const codeProblems: Partial<Record<ErrorCode, Problem>> = {
  ticket_invalid: { status: 400, text: 'phoneCodeInvalid' },
  phone_taken: { status: 409, text: 'phoneTaken' },
}
const removeProblems: Partial<Record<ErrorCode, Problem>> = {
  last_sign_in_method: { status: 409, text: 'phoneOnlyProof' },
}

/** Which of the page's forms could not be taken, and what was typed as the number. */
interface Wrong {
  wrong?: 'phone' | 'code' | 'remove'
  typed?: string
}

/**
 * How people give their account another phone number: by a code that is sent to the new one. `smsPrefixes` are those of
 * the numbers that messages may be sent to; `+` alone allows all.
 */
export function phoneRoutes(scope: App, send: SendAccount, smsPrefixes: string[]): void {
  const show = async (view: FormView, wrong: Wrong = {}) => {
    const { ctx, caller } = view.request.person
    const { phone, phone_verified_at: provenAt } = caller.account
    return send(view, 'profile', 'account-phone', {
      phone: phone ?? undefined,
      isProven: provenAt !== null,
      pending: await pendingPhone(ctx, caller),
      ...wrong,
    })
  }
  const findProblem = (phone: string | undefined, { phone: own, isProven }: OwnPhone) => {
    if (phone === undefined) return invalid
    if (phone === own && isProven) return isYours
    return smsPrefixes.some((prefix) => phone.startsWith(prefix)) ? undefined : country
  }

  scope.get(page, { config: { needsProof: true, page } }, (request, reply) => show({ request, reply }))

  scope.post(
    page,
    { config: { needsProof: true, page }, schema: { body: PhoneForm } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      const { phone: typed } = request.body
      const phone = readPhone(typed)
      const { phone: own, phone_verified_at: provenAt } = caller.account
      const problem = findProblem(phone, { phone: own, isProven: provenAt !== null })
      if (problem || phone === undefined) return show({ request, reply, problem }, { wrong: 'phone', typed })
      try {
        await requestPhoneChange(ctx, caller, phone)
      } catch (error) {
        const problem = problemOf({}, error, reply)
        return show({ request, reply, problem }, { wrong: 'phone', typed })
      }
      return goOn(request, reply, page)
    },
  )

  scope.post(`${page}/confirm`, { config: { page }, schema: { body: CodeForm } }, async (request, reply) => {
    const { ctx, caller } = request.person
    try {
      await confirmPhoneChange(ctx, caller, request.body.code)
    } catch (error) {
      return show({ request, reply, problem: problemOf(codeProblems, error, reply) }, { wrong: 'code' })
    }
    return goOn(request, reply, '/ui/account', { text: 'phoneChanged' })
  })

  scope.post(`${page}/remove`, { config: { needsProof: true, page } }, async (request, reply) => {
    const { ctx, caller } = request.person
    try {
      await removePhone(ctx, caller)
    } catch (error) {
      return show({ request, reply, problem: problemOf(removeProblems, error, reply) }, { wrong: 'remove' })
    }
    return goOn(request, reply, '/ui/account', { text: 'phoneRemoved' })
  })
}

interface OwnPhone {
  phone: string | null
  isProven: boolean
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, isRefusal } from '../../core/errors.ts'
import { accountDoor } from '../../core/self-service/account-door.ts'
import { fewCodes } from '../../core/self-service/recovery-codes.ts'
import { proveLoginByChallenge } from '../../core/sign-in/hosted-logins.ts'
import { trustedCookie } from '../../http/trusted-cookie.ts'
import type { App } from '../../http/types.ts'
import { leaveNotice } from '../account/notice.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { foreignForm, type Problem, problemOf } from '../problems.ts'
import { type ChallengeView, challengeDead, type LoginForms, visitOfForm } from './login-forms.ts'
import { LoginPath, readVisit, type Visit } from './visit.ts'

const CodeForm = z.object({
  form: textField,
  challenge: textField,
  /** Missing where another page leads here. */
  code: z.string().optional().catch(''),
  trust: z.literal('on').optional().catch(undefined),
})

type CodeBody = z.output<typeof CodeForm>

const problems: Partial<Record<ErrorCode, Problem>> = {
  second_factor_code_invalid: { status: 401, text: 'codeInvalid' },
}
const recoveryProblems: typeof problems = {
  second_factor_code_invalid: { status: 401, text: 'recoveryCodeInvalid' },
}
const missingCode: Problem = { status: 400, text: 'codeMissing' }

/** A page that takes a code, of either kind: templates of operators ask for both on one. */
interface CodePage {
  name: 'second-factor' | 'recovery-code'
  show: (view: ChallengeView) => Promise<FastifyReply>
  problems: typeof problems
}

/**
 * What follows a right password where the account has a second factor: a page for codes of the authenticator, and one for
 * recovery codes. The challenge goes from page to page in the form.
 */
export function secondFactorPages(app: App, parts: PageParts, show: LoginForms): void {
  const submit = submitCode(parts, show)
  const secondFactor: CodePage = { name: 'second-factor', show: show.secondFactor, problems }
  const recoveryCode: CodePage = {
    name: 'recovery-code',
    show: show.recoveryCode,
    problems: recoveryProblems,
  }
  for (const page of [secondFactor, recoveryCode]) {
    // Whoever reloads one of them, or comes back to it, starts with the password again.
    app.get(`/ui/l/:login/${page.name}`, { schema: { params: LoginPath } }, (request, reply) =>
      reply.redirect(`/ui/l/${request.params.login}/sign-in`, 303),
    )
    app.post(
      `/ui/l/:login/${page.name}`,
      { schema: { params: LoginPath, body: CodeForm } },
      async (request, reply) => {
        const visit = await readVisit(parts, request, request.params.login)
        return submit(page, visit, request, reply, request.body)
      },
    )
  }

  app.get('/ui/sign-in/second-factor', (_request, reply) => reply.redirect('/ui/sign-in', 303))
  // Templates of operators post here: the key of the form says which login it is of.
  app.post('/ui/sign-in/second-factor', { schema: { body: CodeForm } }, async (request, reply) => {
    const visit = await visitOfForm(parts, request, request.body.form)
    return submit(secondFactor, visit, request, reply, request.body)
  })
}

function submitCode({ ctx }: PageParts, show: LoginForms) {
  return async (
    page: CodePage,
    visit: Visit,
    request: FastifyRequest,
    reply: FastifyReply,
    { form, challenge, code, trust }: CodeBody,
  ): Promise<FastifyReply> => {
    const again = (problem?: Problem) => page.show({ request, reply, visit, challenge, problem })
    if (!visit.owns(form)) return show.signIn({ request, reply, visit, problem: foreignForm })
    if (code === undefined) return again()
    if (!code.trim()) return again(missingCode)
    try {
      const trustBeside = trust && trustedCookie.read(request)
      const proven = await proveLoginByChallenge(visit.ctx, visit.login, { challenge, code, trustBeside })
      if (proven.trustedSecret !== undefined) trustedCookie.add(reply, proven.trustedSecret)
      const { path, recoveryCodesLeft: left } = proven
      if (left === undefined || left > fewCodes) return reply.redirect(path, 303)
      // An app cannot say it; the account page can.
      if (visit.login.dialect !== accountDoor.dialect)
        return show.fewRecoveryCodes({ request, reply, visit, left, next: path })
      leaveNotice(ctx, reply, { text: 'codesLeft', values: { count: String(left) } })
      return reply.redirect(path, 303)
    } catch (error) {
      if (isRefusal(error, 'challenge_invalid'))
        return show.signIn({ request, reply, visit, problem: challengeDead })
      return again(problemOf(page.problems, error, reply))
    }
  }
}

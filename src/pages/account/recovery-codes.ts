import { z } from 'zod'
import { isRefusal } from '../../core/errors.ts'
import { fewCodes, keptCodes, replaceOwnCodes } from '../../core/self-service/recovery-codes.ts'
import { hasSecondFactor } from '../../core/sign-in/second-factor.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { type FormView, problemOf } from '../problems.ts'
import { timeFor } from './reader.ts'
import { goOn, type SendAccount } from './send.ts'

const page = '/ui/account/recovery-codes'
const ReplaceForm = z.object({ set: textField })
const DownloadForm = z.object({ codes: textField })

/** Ways in without the authenticator: how many are left, and new ones. */
export function recoveryCodeRoutes(scope: App, send: SendAccount): void {
  const config = { needsProof: true, page }

  const show = async (view: FormView) => {
    const { request, reply } = view
    const { ctx, caller } = request.person
    const { id } = caller.account
    // There are none without a second step.
    if (!(await hasSecondFactor(ctx, id))) return goOn(request, reply, '/ui/account/authenticator')
    const { left, usedAt, set } = await keptCodes(ctx, id)
    const used = usedAt.map((time) => timeFor(request, time))
    return send(view, 'security', 'account-recovery-codes', { left, isFew: left <= fewCodes, used, set })
  }

  scope.get(page, { config }, (request, reply) => show({ request, reply }))

  scope.post(page, { config, schema: { body: ReplaceForm } }, async (request, reply) => {
    const { ctx, caller } = request.person
    try {
      const codes = await replaceOwnCodes(ctx, caller, request.body.set)
      return send({ request, reply }, 'security', 'account-new-codes', presentNewCodes(codes))
    } catch (error) {
      if (isRefusal(error, 'ticket_invalid'))
        return goOn(request, reply, page, { text: 'recoveryCodesReplacedBefore' })
      if (isRefusal(error, 'second_factor_not_pending')) return goOn(request, reply, page)
      return show({ request, reply, problem: problemOf({}, error, reply) })
    }
  })

  downloadRoute(scope)
}

/** Hands the codes of a page back as a file: they are in its form, as nothing here could tell them again. */
function downloadRoute(scope: App): void {
  const schema = { body: DownloadForm }
  scope.post(`${page}/download`, { schema, config: { page } }, async (request, reply) => {
    const codes = request.body.codes.split(' ')
    if (codes.length > 10 || !codes.every((code) => /^[a-z\d]{4}(?:-[a-z\d]{4}){2}$/.test(code)))
      return goOn(request, reply, page)
    return reply
      .type('text/plain; charset=utf-8')
      .header('content-disposition', 'attachment; filename="recovery-codes.txt"')
      .send(`${codes.join('\n')}\n`)
  })
}

/** Recovery codes in groups of four, for the one page that shows them. Dashes are ignored where they are typed. */
export function presentNewCodes(codes: string[]): { codes: string[] } {
  return { codes: codes.map((code) => code.match(/.{1,4}/g)?.join('-') ?? code) }
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { enrol, enrolmentOptions } from '../../core/operators/enrol.ts'
import { findInvitation } from '../../core/operators/invitations.ts'
import { lineField } from '../../http/fields.ts'
import { languageOf } from '../../http/origin.ts'
import type { App } from '../../http/types.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { textField } from '../../pages/form-fields.ts'
import { formsOf } from '../../pages/forms.ts'
import { presentTime } from '../../pages/times.ts'
import { fieldRules } from '../operations/field-rules.ts'
import type { ConsoleParts } from './console-parts.ts'
import { operatorCookie } from './cookies.ts'
import { sendFailure } from './failures.ts'
import { type Told, tell, troubleOf } from './problems.ts'
import { atConsole } from './session.ts'
import { textsFor } from './texts.ts'

const path = '/admin/invitation/:token'
const InvitationPath = z.object({ token: z.string() })
const EnrolForm = z.object({ form: textField, name: textField, passkey: textField })
const nameField = lineField({ min: 1, max: 80, message: fieldRules.name })

/** Takes up an invitation: a name, a passkey, and recovery codes that are shown once. */
export function invitationPages(scope: App, parts: ConsoleParts): void {
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { token, name, trouble }: { token: string; name?: string; trouble?: Told },
  ) => {
    const ctx = atConsole(parts, request)
    const invitation = await findInvitation(ctx, token)
    const options = ctx.realm.passkeys && (await enrolmentOptions(ctx, token))
    return parts.sendPage(request, reply, trouble?.status ?? 200, 'invitation', {
      form: formsOf(ctx, token).formKey(),
      action: `/admin/invitation/${token}`,
      email: invitation.email,
      role: textsFor(request)[`role_${invitation.role}`],
      isKnown: invitation.name !== undefined,
      name: name ?? invitation.name,
      passkey: options && JSON.stringify({ kind: 'add', options }),
      problem: trouble?.text,
      wrongField: trouble?.field,
    })
  }

  scope.get(path, { schema: { params: InvitationPath } }, async (request, reply) =>
    show(request, reply, { token: request.params.token }),
  )

  scope.post(path, { schema: { params: InvitationPath, body: EnrolForm } }, async (request, reply) => {
    const { token } = request.params
    const { form, name: typed, passkey } = request.body
    const ctx = atConsole(parts, request)
    const texts = textsFor(request)
    if (!formsOf(ctx, token).owns(form))
      return sendFailure(parts.sendPage, request, reply, { status: 403, text: texts.formStale })
    const name = nameField.safeParse(typed)
    if (!name.success) {
      const trouble = { status: 422, text: texts.nameRule, field: 'name' }
      return show(request, reply, { token, name: typed, trouble })
    }
    try {
      const today = presentTime(ctx.now(), { language: languageOf(request), now: ctx.now() }).title
      const nameless = fillIn(texts.passkeyOf, { date: today })
      const { secret, recoveryCodes } = await enrol(ctx, token, {
        name: name.data,
        answer: passkey,
        nameless,
      })
      operatorCookie.keep(reply, secret)
      return parts.sendPage(request, reply, 200, 'welcome', { name: name.data, codes: recoveryCodes })
    } catch (error) {
      if (tell(request, error).status === 404) throw error
      return show(request, reply, { token, name: typed, trouble: troubleOf(request, error) })
    }
  })
}

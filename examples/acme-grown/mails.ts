import {
  type App,
  emailField,
  optional,
  readMailCode,
  readMailLink,
  refuseLink,
  requestSignInMail,
  useMail,
  z,
} from 'manydoors/dialect'
import type { Settings } from './index.ts'
import { presentTokens } from './present.ts'

const email = emailField('This is no e-mail address.')
const text = optional(z.string('This field must be text.'))

const Wanted = z.object({ email })
const Shown = z.object({ token: text, email: optional(email), code: text })

/** A mail that signs in whoever reads it, by its link or by the code in it. */
export function mailRoutes(app: App, { registration }: Settings): void {
  app.post('/acme/mails', { schema: { body: Wanted } }, async ({ ctx, body }, reply) => {
    const link = `${ctx.publicUrl}/acme/app?token={token}`
    const { brand } = ctx.client
    await requestSignInMail(ctx, {
      ...body,
      link,
      brand,
      withCode: true,
      opensAccount: registration !== 'off',
    })
    return reply.code(202).send({})
  })

  app.post('/acme/mails/shown', { schema: { body: Shown } }, async ({ ctx, body }) => {
    const { token, email = '', code = '' } = body
    const mail =
      token === undefined
        ? await readMailCode(ctx, ['sign_in'], { email, code })
        : await readMailLink(ctx, ['sign_in'], token)
    const signedIn = mail && (await useMail(ctx, mail))
    return signedIn ? presentTokens(signedIn.tokens) : refuseLink(ctx)
  })
}

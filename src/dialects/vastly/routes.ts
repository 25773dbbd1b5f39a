import { signUpOpenly } from '../../core/accounts/sign-up.ts'
import { requestPasswordReset, resetPassword } from '../../core/recovery/by-mail.ts'
import { requestResetCode, resetPasswordByCode } from '../../core/recovery/by-sms.ts'
import { signInAfterReset, signInNewAccount } from '../../core/sessions/open-session.ts'
import { signOut } from '../../core/sessions/sign-out.ts'
import { answerChallenge, signIn } from '../../core/sign-in/sign-in.ts'
import { bearerToken, readCaller } from '../../http/bearer.ts'
import type { App } from '../../http/types.ts'
import { requireClient, resetPage } from './client-check.ts'
import * as fields from './fields.ts'
import { presentLogin, presentMessage, presentReset, presentToken, presentUser } from './present.ts'

const base = '/api/v1/auth'

/** contracts/vastly.md */
export function routes(app: App): void {
  requireClient(app)
  signInRoutes(app)
  recoveryRoutes(app)

  app.get(`${base}/me`, async (request) => {
    const { account } = await readCaller(request)
    return { status: 'success', user: presentUser(account) }
  })
}

function signInRoutes(app: App): void {
  app.post(`${base}/register`, { schema: { body: fields.Register } }, async ({ ctx, body }, reply) => {
    const { email, mobile: phone, password } = body
    const verificationLink = `${ctx.publicUrl}/ui/verify-email?token={token}`
    const account = await signUpOpenly(ctx, { email, phone, password, verificationLink })
    return reply.code(201).send(presentToken(await signInNewAccount(ctx, account)))
  })

  app.post(`${base}/login`, { schema: { body: fields.Login } }, async ({ ctx, body }) => {
    const { email, mobile, password } = body
    const identifier = email === undefined ? { phone: mobile ?? '' } : { email }
    return presentLogin(await signIn(ctx, { ...identifier, password }))
  })

  // Not in the document: the second factor came later (rule 12 of contracts/README.md).
  app.post(`${base}/login/two-factor`, { schema: { body: fields.TwoFactor } }, async ({ ctx, body }) => {
    const { twoFactorToken: challenge, code } = body
    return presentToken(await answerChallenge(ctx, { challenge, code }))
  })

  // Not in the document either: a token that nobody needs should not be good for the rest of its hour.
  app.post(`${base}/logout`, async (request) => {
    await signOut(request.ctx, { access: bearerToken(request) })
    return presentMessage('You are logged out.')
  })
}

function recoveryRoutes(app: App): void {
  app.post(`${base}/forgotpass`, { schema: { body: fields.ForgotByMail } }, async (request) => {
    const { ctx, body } = request
    const link = `${resetPage(request)}?token={token}`
    await requestPasswordReset(ctx, { email: body.email, link, brand: ctx.client.brand })
    return presentMessage('If the account exists, a reset link has been sent.')
  })

  app.post(`${base}/forgotpass/mobile`, { schema: { body: fields.ForgotBySms } }, async ({ ctx, body }) => {
    await requestResetCode(ctx, body.mobile)
    return presentMessage('If the account exists, a reset code has been sent.')
  })

  app.post(`${base}/resetpass`, { schema: { body: fields.ResetByMail } }, async ({ ctx, body }) => {
    const reset = await resetPassword(ctx, body, { onReset: signInAfterReset })
    return presentReset(reset.result)
  })

  app.post(`${base}/resetpass/mobile`, { schema: { body: fields.ResetBySms } }, async ({ ctx, body }) => {
    const { token: code, password, mobile: phone } = body
    const input = { code, password, phone }
    const reset = await resetPasswordByCode(ctx, input, { onReset: signInAfterReset })
    return presentReset(reset.result)
  })
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { signUpOpenly } from '../../core/accounts/sign-up.ts'
import { allowsRedirect } from '../../core/clients/clients.ts'
import type { Context } from '../../core/context.ts'
import { AuthError } from '../../core/errors.ts'
import { requestPasswordReset, resetPassword } from '../../core/recovery/by-mail.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import { refreshWithAny } from '../../core/sessions/refresh-with-any.ts'
import { signOut } from '../../core/sessions/sign-out.ts'
import { answerChallenge, signIn } from '../../core/sign-in/sign-in.ts'
import { bearerToken } from '../../http/bearer.ts'
import { cookieValues, readCookie } from '../../http/cookies.ts'
import { isOfRegisteredOrigin } from '../../http/cors.ts'
import { emailField, optional, optionalToken, requiredText } from '../../http/fields.ts'
import { isFromAnotherSite } from '../../http/other-sites.ts'
import type { App } from '../../http/types.ts'
import { presentTokens, presentUser } from './present.ts'

const base = '/api/co/auth'
const cookieName = '__Secure-minbil-refresh'
const cookieOptions = { path: base, httpOnly: true, secure: true, sameSite: 'strict' } as const

const email = emailField('A valid email is required.')
const password = neededText('password')

const Credentials = z.object({ email, password })
const Refresh = z.object({
  refresh_token: optionalToken('refresh_token must be text.'),
})
const SignOut = z.object({ refresh_token: z.string().optional().catch(undefined) })
const TwoFactor = z.object({
  two_factor_token: neededText('token'),
  code: neededText('code'),
})
const ForgotPassword = z.object({ email, redirect_to: optional(z.string('redirect_to must be an address.')) })
const ResetPassword = z.object({
  token: neededText('token'),
  password,
})

/** contracts/minbil.md */
export function routes(app: App): void {
  app.post(`${base}/sign-up`, { schema: { body: Credentials } }, async (request, reply) => {
    const verificationLink = `${request.ctx.publicUrl}/ui/verify-email?token={token}`
    const account = await signUpOpenly(request.ctx, { ...request.body, verificationLink })
    return reply.code(201).send({ message: 'Registration successful.', uid: account.id })
  })

  app.post(`${base}/sign-in`, { schema: { body: Credentials } }, async (request, reply) => {
    const result = await signIn(request.ctx, request.body)
    if (!result.isComplete) {
      return { message: 'Second factor required.', two_factor: true, two_factor_token: result.challenge }
    }
    return presentSignedIn(reply, result)
  })

  // Not in the document: the second factor came later (rule 12 of contracts/README.md).
  app.post(`${base}/two-factor`, { schema: { body: TwoFactor } }, async (request, reply) => {
    const { two_factor_token: challenge, code } = request.body
    return presentSignedIn(reply, await answerChallenge(request.ctx, { challenge, code }))
  })

  app.post(`${base}/refresh`, { schema: { body: Refresh } }, async (request, reply) => {
    // In the order of contracts/minbil.md.
    const { session, tokens } = await refreshWithAny(request.ctx, {
      body: request.body.refresh_token,
      bearer: bearerToken(request),
      cookie: readCookie(request, cookieName),
    })
    keepRefreshToken(reply, tokens.refreshToken, session.absolute_expires_at)
    return { message: 'Token refreshed.', ...presentTokens(tokens) }
  })

  app.post(`${base}/sign-out`, { schema: { body: SignOut }, onSend: dropRefreshToken }, async (request) => {
    const { ctx, body } = request
    // Browsers send none from a foreign site (SameSite), which holds here for all others, too.
    const cookies = isForeign(request) ? [] : cookieValues(request, cookieName)
    await signOut(ctx, { access: bearerToken(request), refresh: [body.refresh_token, ...cookies] })
    return { message: 'Sign-out successful.' }
  })

  app.post(`${base}/forgot-password`, { schema: { body: ForgotPassword } }, async (request) => {
    const { ctx, body } = request
    const link = `${resetPage(ctx, body.redirect_to)}?token={token}`
    await requestPasswordReset(ctx, { email: body.email, link, brand: ctx.client.brand })
    return { message: 'If an account exists for this email, a password reset link has been sent.' }
  })

  app.post(`${base}/reset-password`, { schema: { body: ResetPassword } }, async (request) => {
    await resetPassword(request.ctx, request.body)
    return { message: 'Password has been reset.' }
  })
}

function neededText(name: string) {
  return requiredText({ missing: `A ${name} is required.`, notText: `The ${name} must be text.` })
}

function presentSignedIn(reply: FastifyReply, { account, session, tokens }: SignedIn) {
  keepRefreshToken(reply, tokens.refreshToken, session.absolute_expires_at)
  return { message: 'Login successful.', ...presentTokens(tokens), user: presentUser(account) }
}

function resetPage(ctx: Context, redirectTo: string | undefined): string {
  if (redirectTo === undefined) return `${ctx.publicUrl}/ui/reset-password`
  if (!allowsRedirect(ctx.client, redirectTo)) throw new AuthError('redirect_not_allowed')
  return redirectTo
}

/** For browsers, which then need not keep the token where a script can read it. */
function keepRefreshToken(reply: FastifyReply, token: string, expiresAt: number): void {
  reply.setCookie(cookieName, token, { ...cookieOptions, expires: new Date(expiresAt) })
}

/**
 * Has the browser forget its token with every answer, whatever has become of its session: no script can. A form of a
 * foreign site has it forget nothing.
 */
async function dropRefreshToken(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (isForeign(request)) return
  // By hand: what keeps cookies for an answer has let go of it by now.
  const cleared = { ...cookieOptions, expires: new Date(0), maxAge: 0 }
  reply.header('set-cookie', reply.server.serializeCookie(cookieName, '', cleared))
}

function isForeign(request: FastifyRequest): boolean {
  return isFromAnotherSite(request) && !isOfRegisteredOrigin(request)
}

import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { signUpVerified } from '../../core/accounts.ts'
import { isRefusal } from '../../core/errors.ts'
import { changePassword } from '../../core/passwords.ts'
import { requestPasswordReset, resetPassword } from '../../core/recovery.ts'
import { refresh } from '../../core/refresh.ts'
import { deleteSession, listSessions } from '../../core/sessions.ts'
import { answerChallenge, signIn } from '../../core/sign-in.ts'
import { signOut, signOutOf } from '../../core/sign-out.ts'
import { acceptProof, requestVerification } from '../../core/verification.ts'
import type { App } from '../../http/app.ts'
import { bearerToken, forLeavers, readCaller } from '../../http/bearer.ts'
import { readCookie } from '../../http/cookies.ts'
import type { AccountRow } from '../../store/schema.ts'
import { presentError } from './errors.ts'
import * as fields from './fields.ts'
import { atClient, brandOf, resetLink, verificationLink } from './links.ts'
import { presentClient, presentProfile, presentSession, presentSignedIn, presentTokens } from './present.ts'
import type { Settings } from './settings.ts'
import { readPassword } from './studio-password.ts'

/** Shows that the browser which signs up has opened the verification mail. */
const proofCookie = '__Host-credebl-verification'
const proofCookieOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const

const EmailPath = z.object({ email: z.string() })
const UserPath = z.object({ userId: z.string() })
const SessionPath = z.object({ sessionId: z.string() })

/** contracts/credebl.md */
export function routes(app: App, settings: Settings): void {
  for (const version of ['', '/v1']) {
    signingIn(app, `${version}/auth`, settings)
    signingUp(app, `${version}/auth`, settings)
    recovering(app, `${version}/auth`, settings)
    sessions(app, `${version}/auth`)

    app.get(`${version}/users/profile`, async (request, reply) => {
      const { account } = await readCaller(request)
      return succeed(reply, 200, 'User fetched successfully', presentProfile(account))
    })
  }
}

function signingIn(app: App, base: string, { passwordKey }: Settings): void {
  app.post(`${base}/signin`, { schema: { body: fields.SignIn } }, async (request, reply) => {
    const { email, isPasswordEncrypted } = request.body
    const password = readPassword(request.body.password, isPasswordEncrypted, passwordKey)
    const result = await signIn(request.ctx, { email, password })
    if (!result.isComplete) {
      const data = { twoFactor: true, twoFactorToken: result.challenge }
      return succeed(reply, 200, 'Two factor is required to complete login', data)
    }
    return succeed(reply, 200, 'User login successfully', presentSignedIn(result))
  })

  // Not in the document: the second factor came later (rule 12 of contracts/README.md).
  app.post(`${base}/signin/two-factor`, { schema: { body: fields.TwoFactor } }, async (request, reply) => {
    const { twoFactorToken: challenge, code } = request.body
    const signedIn = await answerChallenge(request.ctx, { challenge, code })
    return succeed(reply, 200, 'User login successfully', presentSignedIn(signedIn))
  })

  app.post(`${base}/refresh-token`, { schema: { body: fields.Refresh } }, async (request, reply) => {
    const refreshed = await refresh(request.ctx, request.body.refreshToken)
    return succeed(reply, 200, 'Token details fetched successfully', {
      ...presentTokens(refreshed),
      sessionId: refreshed.session.id,
    })
  })

  const signingOut = { schema: { body: fields.SignOut }, ...forLeavers }
  app.post(`${base}/signout`, signingOut, async (request, reply) => {
    const { ctx, leaver } = request
    const ids = request.body.sessions ?? []
    // Of what is no id there is no session, and a database may refuse to look for it.
    if (ids.length > 0) await signOutOf(ctx, leaver, ids.filter(fields.isUuid))
    else await signOut(ctx, { access: bearerToken(request) })
    return succeed(reply, 200, 'User logout successfully')
  })
}

function signingUp(app: App, base: string, { passwordKey }: Settings): void {
  app.post(
    `${base}/verification-mail`,
    { schema: { body: fields.VerificationMail, querystring: fields.VerificationMailQuery } },
    async (request, reply) => {
      const { body, query } = request
      const ctx = atClient(request.ctx, query.clientAlias ?? body.clientAlias)
      const { email } = body
      await requestVerification(ctx, {
        email,
        link: verificationLink(ctx, body),
        brand: brandOf(ctx.client, body),
      })
      return succeed(reply, 201, 'Verification link has been successfully sent on the email. Please verify')
    },
  )

  app.get(`${base}/verify`, { schema: { querystring: fields.Verify } }, async (request, reply) => {
    const { email, verificationCode } = request.query
    try {
      await acceptProof(request.ctx, { email, code: verificationCode })
    } catch (error) {
      if (!isRefusal(error, 'ticket_invalid')) throw error
      return reply.code(401).send(presentError(401, 'Invalid verification code or EmailId!'))
    }
    reply.setCookie(proofCookie, verificationCode, proofCookieOptions)
    return succeed(reply, 200, 'Email verified successfully')
  })

  app.post(`${base}/signup`, { schema: { body: fields.SignUp } }, async (request, reply) => {
    const { email, firstName, lastName, isPasswordEncrypted } = request.body
    const password = readPassword(request.body.password, isPasswordEncrypted, passwordKey)
    const verificationCode = request.body.verificationCode ?? readCookie(request, proofCookie) ?? ''
    try {
      const profile = { firstName, lastName }
      const account = await signUpVerified(request.ctx, { email, password, profile, verificationCode })
      reply.clearCookie(proofCookie, proofCookieOptions)
      return succeed(reply, 201, 'User registered successfully', { userId: account.id })
    } catch (error) {
      if (!isRefusal(error, 'ticket_invalid')) throw error
      return reply.code(404).send(presentError(404, 'Email is not verified'))
    }
  })

  app.get(`${base}/clientAliases`, async (request, reply) => {
    const { clients, door, publicUrl } = request.ctx
    const registered = clients.filter(
      ({ dialect, kind }) => dialect === door.dialect && kind === 'registered',
    )
    const aliases = registered.map((client) => presentClient(client, publicUrl))
    return succeed(reply, 200, 'Client aliases fetched successfully', aliases)
  })
}

function recovering(app: App, base: string, { passwordKey }: Settings): void {
  app.post(`${base}/forgot-password`, { schema: { body: fields.ForgotPassword } }, async (request, reply) => {
    const { body } = request
    const ctx = atClient(request.ctx, body.clientAlias)
    const { email } = body
    const id = await requestPasswordReset(ctx, {
      email,
      link: resetLink(ctx, body),
      brand: brandOf(ctx.client, body),
    })
    // The id of the request and not of an account, which would tell that there is one.
    return succeed(reply, 200, 'Reset password link has been sent to your mail', {
      id,
      email: email.toLowerCase(),
    })
  })

  app.post(
    `${base}/password-reset/:email`,
    { schema: { params: EmailPath, body: fields.TokenReset } },
    async (request, reply) => {
      const { token, isPasswordEncrypted } = request.body
      const password = readPassword(request.body.password, isPasswordEncrypted, passwordKey)
      const account = await resetPassword(request.ctx, { email: request.params.email, token, password })
      return succeed(reply, 200, 'Password reset successfully', presentIdentity(account))
    },
  )

  app.post(`${base}/reset-password`, { schema: { body: fields.PasswordChange } }, async (request, reply) => {
    const { email, isPasswordEncrypted } = request.body
    const oldPassword = readPassword(request.body.oldPassword, isPasswordEncrypted, passwordKey)
    const newPassword = readPassword(request.body.newPassword, isPasswordEncrypted, passwordKey)
    // The document asks for no token here: the old password is the proof. One that is sent must fit, though.
    const caller = bearerToken(request) === undefined ? undefined : await readCaller(request)
    if (caller && caller.account.email !== email.toLowerCase()) {
      return reply
        .code(403)
        .send(presentError(403, 'You are not allowed to reset the password of another user'))
    }
    const account = await changePassword(request.ctx, { email, oldPassword, newPassword })
    return succeed(reply, 200, 'Password reset successfully', presentIdentity(account))
  })
}

function sessions(app: App, base: string): void {
  app.get(`${base}/:userId/sessions`, { schema: { params: UserPath } }, async (request, reply) => {
    const caller = await readCaller(request)
    const { userId } = request.params
    if (!fields.isUuid(userId)) return reply.code(400).send(presentError(400, 'Invalid user ID'))
    if (userId.toLowerCase() !== caller.account.id) {
      return reply.code(403).send(presentError(403, 'You are not allowed to access sessions of another user'))
    }
    const { sessions } = await listSessions(request.ctx, caller)
    return succeed(reply, 200, 'User Sessions fetched Successfully', sessions.map(presentSession))
  })

  app.delete(`${base}/:sessionId/sessions`, { schema: { params: SessionPath } }, async (request, reply) => {
    const caller = await readCaller(request)
    const { sessionId } = request.params
    if (!fields.isUuid(sessionId)) return reply.code(400).send(presentError(400, 'Invalid session ID'))
    await deleteSession(request.ctx, caller, sessionId.toLowerCase())
    return succeed(reply, 200, 'Session deleted successfully')
  })
}

function succeed(reply: FastifyReply, statusCode: number, message: string, data?: unknown): FastifyReply {
  return reply.code(statusCode).send({ statusCode, message, ...(data !== undefined && { data }) })
}

function presentIdentity({ id, email }: AccountRow) {
  return { id, email }
}

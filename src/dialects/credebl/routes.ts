import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { foldEmail } from '../../core/accounts/emails.ts'
import { signUpVerified } from '../../core/accounts/sign-up.ts'
import { acceptProof, requestVerification } from '../../core/accounts/verification.ts'
import { clientsOfDoor } from '../../core/clients/clients.ts'
import type { Context } from '../../core/context.ts'
import { isRefusal } from '../../core/errors.ts'
import { changePassword } from '../../core/passwords/change.ts'
import { requestPasswordReset, resetPassword } from '../../core/recovery/by-mail.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import { type Refreshed, refresh } from '../../core/sessions/refresh.ts'
import { openByHandle, readSessionHandle, sessionHandle } from '../../core/sessions/session-handles.ts'
import { deleteSession, listSessions } from '../../core/sessions/sessions.ts'
import { signOutOf, signOutSelf } from '../../core/sessions/sign-out.ts'
import { answerChallenge, signIn } from '../../core/sign-in/sign-in.ts'
import { bearerToken, forLeavers, readCaller } from '../../http/bearer.ts'
import { secretCookie } from '../../http/cookies.ts'
import { isUuid } from '../../http/fields.ts'
import type { App } from '../../http/types.ts'
import { succeed } from './answers.ts'
import * as fields from './fields.ts'
import { atClient, brandOf, resetLink, verificationLink } from './links.ts'
import type { Settings } from './manifest.ts'
import {
  presentClient,
  presentIdentity,
  presentRefreshed,
  presentSession,
  presentSessionDetails,
  presentSignedIn,
} from './present.ts'
import { refusals, refuse } from './refusals.ts'
import { readPassword, readPlainOrEncrypted } from './studio-encryption.ts'
import { userRoutes } from './users.ts'

/** Shows that the browser which signs up has opened the verification mail. */
const proofCookie = secretCookie('__Host-credebl-verification')

const EmailPath = z.object({ email: z.string() })
const UserPath = z.object({ userId: z.string() })
const SessionPath = z.object({ sessionId: z.string() })

/** contracts/credebl.md */
export function routes(app: App, settings: Settings): void {
  for (const version of ['', '/v1']) {
    signInRoutes(app, `${version}/auth`, settings)
    signUpRoutes(app, `${version}/auth`, settings)
    recoveryRoutes(app, `${version}/auth`, settings)
    sessionRoutes(app, `${version}/auth`, settings)
    userRoutes(app, `${version}/users`)
  }
}

function signInRoutes(app: App, base: string, { passwordKey }: Settings): void {
  app.post(`${base}/signin`, { schema: { body: fields.SignIn } }, async (request, reply) => {
    const { email, isPasswordEncrypted } = request.body
    const password = readPassword(request.body.password, isPasswordEncrypted, passwordKey)
    const result = await signIn(request.ctx, { email, password })
    if (!result.isComplete) {
      const data = { twoFactor: true, twoFactorToken: result.challenge }
      return succeed(reply, 200, 'Two factor is required to complete login', data)
    }
    return sendSignedIn(reply, result, handleOf(request.ctx, result))
  })

  // Not in the document: the second factor came later (rule 12 of contracts/README.md).
  app.post(`${base}/signin/two-factor`, { schema: { body: fields.TwoFactor } }, async (request, reply) => {
    const { twoFactorToken: challenge, code } = request.body
    const signedIn = await answerChallenge(request.ctx, { challenge, code })
    return sendSignedIn(reply, signedIn, handleOf(request.ctx, signedIn))
  })

  app.post(`${base}/refresh-token`, { schema: { body: fields.Refresh } }, async (request, reply) => {
    const refreshed = await refresh(request.ctx, request.body.refreshToken)
    const data = presentRefreshed(refreshed, handleOf(request.ctx, refreshed))
    return succeed(reply, 200, 'Token details fetched successfully', data)
  })

  const signingOut = { schema: { body: fields.SignOut }, ...forLeavers }
  app.post(`${base}/signout`, signingOut, async (request, reply) => {
    const { ctx, leaver } = request
    const ids = sessionsNamed(ctx, request.body.sessions ?? [], passwordKey)
    if (ids.length > 0) await signOutOf(ctx, leaver, ids)
    else await signOutSelf(ctx, leaver)
    return succeed(reply, 200, 'User logout successfully')
  })
}

function signUpRoutes(app: App, base: string, { passwordKey }: Settings): void {
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
      return refuse(reply, refusals.codeInvalid)
    }
    proofCookie.keep(reply, verificationCode)
    return succeed(reply, 200, 'Email verified successfully')
  })

  app.post(`${base}/signup`, { schema: { body: fields.SignUp } }, async (request, reply) => {
    const { email, firstName, lastName, isPasswordEncrypted } = request.body
    const password = readPassword(request.body.password, isPasswordEncrypted, passwordKey)
    const verificationCode = request.body.verificationCode ?? proofCookie.read(request) ?? ''
    try {
      const profile = { firstName, lastName }
      const account = await signUpVerified(request.ctx, { email, password, profile, verificationCode })
      proofCookie.drop(reply)
      return succeed(reply, 201, 'User registered successfully', { userId: account.id })
    } catch (error) {
      if (!isRefusal(error, 'ticket_invalid')) throw error
      return refuse(reply, refusals.emailUnverified)
    }
  })

  app.get(`${base}/clientAliases`, async (request, reply) => {
    const { publicUrl } = request.ctx
    const registered = clientsOfDoor(request.ctx).filter(({ kind }) => kind === 'registered')
    const aliases = registered.map((client) => presentClient(client, publicUrl))
    return succeed(reply, 200, 'Client aliases fetched successfully', aliases)
  })
}

function recoveryRoutes(app: App, base: string, { passwordKey }: Settings): void {
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
      email: foldEmail(email),
    })
  })

  app.post(
    `${base}/password-reset/:email`,
    { schema: { params: EmailPath, body: fields.TokenReset } },
    async (request, reply) => {
      const { token, isPasswordEncrypted } = request.body
      const password = readPassword(request.body.password, isPasswordEncrypted, passwordKey)
      const { account } = await resetPassword(request.ctx, { email: request.params.email, token, password })
      return succeed(reply, 200, 'Password reset successfully', presentIdentity(account))
    },
  )

  app.post(`${base}/reset-password`, { schema: { body: fields.PasswordChange } }, async (request, reply) => {
    const { email, isPasswordEncrypted, code } = request.body
    const oldPassword = readPassword(request.body.oldPassword, isPasswordEncrypted, passwordKey)
    const newPassword = readPassword(request.body.newPassword, isPasswordEncrypted, passwordKey)
    // The document asks for no token here: without a second factor the old password is the proof. One that is sent
    // must fit, though.
    const caller = bearerToken(request) === undefined ? undefined : await readCaller(request)
    if (caller && caller.account.email !== foldEmail(email)) return refuse(reply, refusals.passwordForeign)
    const account = await changePassword(request.ctx, { email, oldPassword, newPassword, caller, code })
    return succeed(reply, 200, 'Password reset successfully', presentIdentity(account))
  })
}

function sessionRoutes(app: App, base: string, { passwordKey }: Settings): void {
  app.get(
    `${base}/sessionDetails`,
    { schema: { querystring: fields.SessionDetails } },
    async (request, reply) => {
      const handle = readPlainOrEncrypted(request.query.sessionId, passwordKey)
      const details = presentSessionDetails(await openByHandle(request.ctx, handle))
      return succeed(reply, 200, 'Session details fetched successfully', details)
    },
  )

  app.get(`${base}/:userId/sessions`, { schema: { params: UserPath } }, async (request, reply) => {
    const caller = await readCaller(request)
    const { userId } = request.params
    const isOwn = userId.toLowerCase() === caller.account.id.toLowerCase()
    // An account that was imported has the id that it had.
    if (!isOwn && !isUuid(userId)) return refuse(reply, refusals.userInvalid)
    if (!isOwn) return refuse(reply, refusals.sessionsForeign)
    const { sessions } = await listSessions(request.ctx, caller)
    return succeed(reply, 200, 'User Sessions fetched Successfully', sessions.map(presentSession))
  })

  app.delete(`${base}/:sessionId/sessions`, { schema: { params: SessionPath } }, async (request, reply) => {
    const caller = await readCaller(request)
    const { sessionId } = request.params
    if (!isUuid(sessionId)) return refuse(reply, refusals.sessionInvalid)
    await deleteSession(request.ctx, caller, sessionId.toLowerCase())
    return succeed(reply, 200, 'Session deleted successfully')
  })
}

function sendSignedIn(reply: FastifyReply, signedIn: SignedIn, handle: string): FastifyReply {
  return succeed(reply, 200, 'User login successfully', presentSignedIn(signedIn, handle))
}

function handleOf(ctx: Context, { session }: Refreshed): string {
  return sessionHandle(ctx, session.id)
}

/** The sessions that a list names by id or by handle. What is neither names none: Studio sends what it has, or nothing. */
function sessionsNamed(ctx: Context, names: (string | null)[], key: string | undefined): string[] {
  return names.flatMap((name) => {
    if (name === null) return []
    if (isUuid(name)) return [name.toLowerCase()]
    return readSessionHandle(ctx, readPlainOrEncrypted(name, key)) ?? []
  })
}

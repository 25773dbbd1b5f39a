import {
  type Account,
  type App,
  answerChallenge,
  bearerToken,
  emailField,
  forCallers,
  refresh,
  requiredText,
  signIn,
  signOut,
  signUpOpenly,
  type Tokens,
  z,
} from 'manydoors/dialect'

const base = '/acme'

const text = requiredText({ missing: 'This field is needed.', notText: 'This field must be text.' })

const Credentials = z.object({ email: emailField('This is no e-mail address.'), password: text })
const SecondFactor = z.object({ challenge: text, code: text })
const Refresh = z.object({ refreshToken: text })

/** Each route reads, calls one use-case of the core, and presents what that returns. */
export function routes(app: App): void {
  app.post(`${base}/users`, { schema: { body: Credentials } }, async ({ ctx, body }, reply) => {
    const verificationLink = `${ctx.publicUrl}/ui/verify-email?token={token}`
    const account = await signUpOpenly(ctx, { ...body, verificationLink })
    return reply.code(201).send({ user: presentUser(account) })
  })

  app.post(`${base}/sessions`, { schema: { body: Credentials } }, async ({ ctx, body }) => {
    const result = await signIn(ctx, body)
    return result.isComplete ? presentTokens(result.tokens) : { challenge: result.challenge }
  })

  // Not in the document. Other doors may have set up a second factor, and none lets its owner in without it.
  app.post(`${base}/sessions/second-factor`, { schema: { body: SecondFactor } }, async ({ ctx, body }) => {
    const { tokens } = await answerChallenge(ctx, body)
    return presentTokens(tokens)
  })

  app.post(`${base}/sessions/refresh`, { schema: { body: Refresh } }, async ({ ctx, body }) => {
    const { tokens } = await refresh(ctx, body.refreshToken)
    return presentTokens(tokens)
  })

  app.delete(`${base}/sessions`, async (request, reply) => {
    await signOut(request.ctx, { access: bearerToken(request) })
    return reply.code(204).send()
  })

  app.get(`${base}/me`, forCallers, async ({ caller }) => ({ user: presentUser(caller.account) }))
}

function presentUser({ id, email, created_at }: Account) {
  return { id, email, createdAt: new Date(created_at).toISOString() }
}

function presentTokens({ accessToken, refreshToken, accessExpiresAt, issuedAt }: Tokens) {
  return { accessToken, refreshToken, expiresIn: (accessExpiresAt - issuedAt) / 1000 }
}

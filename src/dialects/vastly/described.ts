import { z } from 'zod'
import { AuthError } from '../../core/errors.ts'
import type { DoorDescription, RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { instant, jwt, opaque } from '../../http/openapi/wire-types.ts'
import { clientUnnamed, foreignOrigin, invalidClient } from './client-check.ts'
import { errors, render } from './errors.ts'
import type { presentLogin, presentMessage, presentReset, presentToken, presentUser } from './present.ts'

const base = '/api/v1/auth'

const ErrorBody = z.strictObject({
  status: z.enum(['fail', 'error']).meta({ description: '`fail` below 500, `error` from there' }),
  message: z.string(),
  errors: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'What is wrong with each field, where fields are wrong' }),
})

const status = z.literal('success')

const Token = z.strictObject({ status, token: jwt }) satisfies z.ZodType<ReturnType<typeof presentToken>>

const secondFactor = { status, token: z.null(), twoFactor: z.literal(true) }

const LoggedIn = z.union([
  Token,
  z.strictObject({ ...secondFactor, twoFactorToken: opaque }),
]) satisfies z.ZodType<ReturnType<typeof presentLogin>>

const Reset = z.union([Token, z.strictObject(secondFactor)]) satisfies z.ZodType<
  ReturnType<typeof presentReset>
>

const User = z.strictObject({
  id: z.string(),
  email: z.string().nullable(),
  mobile: z.string().nullable(),
  createdAt: instant,
}) satisfies z.ZodType<ReturnType<typeof presentUser>>

const messageBody = (message: string) =>
  z.strictObject({ status, message: z.literal(message) }) satisfies z.ZodType<
    ReturnType<typeof presentMessage>
  >

const token = {
  status: 'success',
  token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
}
const newPassword = { password: '12345678', passwordConfirm: '12345678' }

const signInRoutes: Record<string, RouteDescription> = {
  'POST /register': {
    summary: 'Open an account, and sign in',
    description: 'With an e-mail address, a mobile number, or both.',
    example: { email: 'ada@example.com', ...newPassword },
    newPassword: 'password',
    answers: {
      201: { description: 'There is an account, and it is signed in', body: Token, example: token },
    },
    refusals: ['email_taken', 'phone_taken', ...thrownBy.signUp, ...thrownBy.signInNewAccount],
  },
  'POST /login': {
    summary: 'Sign in',
    description: 'With an e-mail address or a mobile number.',
    example: { email: 'ada@example.com', password: '12345678' },
    answers: {
      200: {
        description:
          'Signed in; or, where the account has a second factor, what goes on to `/login/two-factor`',
        body: LoggedIn,
        example: token,
      },
    },
    refusals: [...thrownBy.signIn],
  },
  'POST /login/two-factor': {
    summary: 'Sign in with a second factor',
    description:
      'Goes on from the answer of `/login`. The code is one of an authenticator app, or a recovery code.',
    example: { twoFactorToken: 'q4Zs0C7mJ2xT', code: '110450' },
    answers: { 200: { description: 'Signed in', body: Token, example: token } },
    refusals: [...thrownBy.answerChallenge],
  },
  'POST /logout': {
    summary: 'Sign out',
    description: 'Ends the session of the access token, which may have expired.',
    security: [{ client: [], bearer: [] }],
    answers: { 200: { description: 'The session is over', body: messageBody('You are logged out.') } },
    refusals: ['access_invalid'],
  },
  'GET /me': {
    summary: 'Who the caller is',
    security: [{ client: [], bearer: [] }],
    answers: {
      200: {
        description: 'The account',
        body: z.strictObject({ status, user: User }),
        example: {
          status: 'success',
          user: {
            id: '019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d',
            email: 'ada@example.com',
            mobile: null,
            createdAt: '2026-02-03T14:30:00.000Z',
          },
        },
      },
    },
    refusals: ['access_invalid'],
  },
}

const reset = {
  answers: {
    200: {
      description:
        'The password is set, all sessions are over, and the caller is signed in unless there is a second factor',
      body: Reset,
      example: token,
    },
  },
  newPassword: 'password',
  refusals: ['ticket_invalid', ...thrownBy.signInNewAccount],
} satisfies Partial<RouteDescription>

const recoveryRoutes: Record<string, RouteDescription> = {
  'POST /forgotpass': {
    summary: 'Ask for a new password by mail',
    description: 'The answer does not tell whether there is an account.',
    example: { email: 'ada@example.com' },
    answers: {
      200: {
        description: 'If there is an account, a mail is on its way',
        body: messageBody('If the account exists, a reset link has been sent.'),
      },
    },
  },
  'POST /forgotpass/mobile': {
    summary: 'Ask for a new password by SMS',
    description: 'The answer does not tell whether there is an account.',
    example: { mobile: '+4791234567' },
    answers: {
      200: {
        description: 'If there is an account, a message is on its way',
        body: messageBody('If the account exists, a reset code has been sent.'),
      },
    },
  },
  'POST /resetpass': {
    summary: 'Set a new password with the token of a mail',
    example: { token: 'e84f2a129914c7175003e9daef935f1def51ecaaea49b9a054052a196f1e9d27', ...newPassword },
    ...reset,
  },
  'POST /resetpass/mobile': {
    summary: 'Set a new password with the code of an SMS',
    example: { token: '119345', ...newPassword },
    ...reset,
  },
}

/** contracts/vastly.md */
export const described: DoorDescription = {
  title: 'Vastly authentication',
  description:
    'Every request names its client in the header `client_id`, and comes from an `Origin` of that client. There is no ' +
    'refresh token: a session is over with its access token. Fields that are not named here are passed over.',
  errorBody: ErrorBody,
  fields: {
    email: 'An e-mail address; where there is a mobile number, it may be left out',
    mobile: 'A number with its country, in any spelling: +47 912 34 567',
    passwordConfirm: 'The password once more',
    token: 'From the mail, or the code of the message',
    twoFactorToken: 'From the answer of `/login`',
  },
  securitySchemes: {
    client: { type: 'apiKey', in: 'header', name: 'client_id', description: 'The id of a registered client' },
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token' },
  },
  security: [{ client: [] }],
  parameters: [
    {
      name: 'Origin',
      in: 'header',
      required: true,
      description: 'An origin that is registered for the client. Browsers send it by themselves.',
      schema: { type: 'string', minLength: 1 },
      example: 'http://localhost:3000',
    },
  ],
  refusals: [
    {
      code: 'client_unnamed',
      ...render(errors.validation_failed, new AuthError('validation_failed', { issues: [clientUnnamed] })),
    },
    { code: 'client_unknown', ...invalidClient },
    { code: 'origin_foreign', ...foreignOrigin },
  ],
  routes: Object.fromEntries(
    Object.entries({ ...signInRoutes, ...recoveryRoutes }).map(([route, described]) => [
      route.replace(' ', ` ${base}`),
      described,
    ]),
  ),
}

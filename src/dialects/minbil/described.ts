import { z } from 'zod'
import type { DoorDescription, RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { instant, jwt, opaque } from '../../http/openapi/wire-types.ts'
import type { presentTokens, presentUser } from './present.ts'

const base = '/api/co/auth'

const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  message: z.string(),
})

const tokens = z.strictObject({
  access_token: jwt,
  refresh_token: opaque,
  expires_in: z.int().min(0),
  expires_at: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    .meta({ format: 'date-time' }),
  expires_at_unix: z.int(),
  token_type: z.literal('bearer'),
}) satisfies z.ZodType<ReturnType<typeof presentTokens>>

const User = z.strictObject({
  id: z.string(),
  email: z.string().nullable(),
  created_at: instant,
  email_confirmed_at: instant.nullable(),
  role: z.literal('car_owner'),
}) satisfies z.ZodType<ReturnType<typeof presentUser>>

const SignedIn = z.strictObject({ message: z.literal('Login successful.'), ...tokens.shape, user: User })
const SecondFactor = z.strictObject({
  message: z.literal('Second factor required.'),
  two_factor: z.literal(true),
  two_factor_token: opaque,
})
const messageBody = <const Text extends string>(message: Text) =>
  z.strictObject({ message: z.literal(message) })

const tokenExample = {
  access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  refresh_token: 'zbb5d6vmyfqc',
  expires_in: 3600,
  expires_at: '2026-02-03T15:31:45Z',
  expires_at_unix: 1_770_132_705,
  token_type: 'bearer',
}

const signedIn = {
  description: 'Signed in; or, where the account has a second factor, what goes on to `/two-factor`',
  body: z.union([SignedIn, SecondFactor]),
  example: {
    message: 'Login successful.',
    ...tokenExample,
    user: {
      id: '019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d',
      email: 'owner@minbil.io',
      created_at: '2026-02-03T14:30:00.000Z',
      email_confirmed_at: null,
      role: 'car_owner',
    },
  },
  headers: keepsCookie('set'),
}

const routes: Record<string, RouteDescription> = {
  'POST /sign-up': {
    summary: 'Sign up',
    description: 'Opens an account, and mails a link that confirms its address. It can sign in at once.',
    example: { email: 'owner@minbil.io', password: 'StrongPass123!' },
    newPassword: 'password',
    answers: {
      201: {
        description: 'There is an account',
        body: z.strictObject({ message: z.literal('Registration successful.'), uid: z.string() }),
        example: { message: 'Registration successful.', uid: '019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d' },
      },
    },
    refusals: ['email_taken', ...thrownBy.signUp],
  },
  'POST /sign-in': {
    summary: 'Sign in',
    example: { email: 'owner@minbil.io', password: 'StrongPass123!' },
    answers: { 200: signedIn },
    refusals: [...thrownBy.signIn],
  },
  'POST /two-factor': {
    summary: 'Sign in with a second factor',
    description:
      'Goes on from the answer of `/sign-in`. The code is one of an authenticator app, or a recovery code.',
    example: { two_factor_token: 'q4Zs0C7mJ2xT', code: '110450' },
    answers: { 200: { ...signedIn, description: 'Signed in', body: SignedIn } },
    refusals: [...thrownBy.answerChallenge],
  },
  'POST /refresh': {
    summary: 'Refresh the tokens',
    description:
      'Takes the refresh token from the body, as the Bearer value or from the cookie, or else an access token that is still ' +
      'good as the Bearer value. All that is sent must be of one session. Each token is good once; sent again within ten ' +
      'seconds it gets the same successor, and later it ends the session.',
    example: { refresh_token: 'zbb5d6vmyfqc' },
    security: [{}, { bearer: [] }, { cookie: [] }],
    answers: {
      200: {
        description: 'New tokens',
        body: z.strictObject({ message: z.literal('Token refreshed.'), ...tokens.shape }),
        example: { message: 'Token refreshed.', ...tokenExample },
        headers: keepsCookie('set'),
      },
    },
    refusals: ['refresh_invalid'],
  },
  'POST /sign-out': {
    summary: 'Sign out',
    description: 'Ends the session of the access token, which may have expired, or of a refresh token.',
    security: [{ bearer: [] }, { cookie: [] }, {}],
    answers: {
      200: {
        description: 'The session is over',
        body: messageBody('Sign-out successful.'),
        example: { message: 'Sign-out successful.' },
      },
    },
    headers: keepsCookie('cleared'),
    refusals: ['access_invalid'],
  },
  'POST /forgot-password': {
    summary: 'Ask for a new password',
    description:
      'Mails a link that is good for an hour. The answer does not tell whether there is an account.',
    example: { email: 'owner@minbil.io', redirect_to: 'https://platform.minbil.no/reset-password' },
    answers: {
      200: {
        description: 'If there is an account, a mail is on its way',
        body: messageBody('If an account exists for this email, a password reset link has been sent.'),
      },
    },
    refusals: ['redirect_not_allowed'],
  },
  'POST /reset-password': {
    summary: 'Set a new password',
    description: 'Ends all sessions of the account.',
    example: { token: 'Yk1v0aGdQb7sXn2c', password: 'StrongPass123!' },
    newPassword: 'password',
    answers: { 200: { description: 'The password is set', body: messageBody('Password has been reset.') } },
    refusals: ['ticket_invalid'],
  },
}

function keepsCookie(what: 'set' | 'cleared') {
  return {
    'Set-Cookie': {
      description: `The refresh token for browsers, ${what}: HttpOnly, Secure, SameSite=Strict`,
      schema: { type: 'string' },
    },
  }
}

/** contracts/minbil.md */
export const described: DoorDescription = {
  title: 'Minbil car owner authentication',
  description:
    'Errors are `application/problem+json` (RFC 9457) with a `code`. `x-api-key` may be sent and is ignored. Fields that ' +
    'are not named here are passed over.',
  errorBody: Problem,
  errorWord: 'code',
  fields: {
    refresh_token: 'The newest one of the session',
    redirect_to:
      'Where the link of the mail leads: an address that is registered for the app; our own page without it',
    two_factor_token: 'From the answer of `/sign-in`',
    token: 'From the link of the mail',
  },
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description: 'The access token; at `/refresh` a refresh token, too',
    },
    cookie: { type: 'apiKey', in: 'cookie', name: '__Secure-minbil-refresh', description: 'Set at sign-in' },
  },
  routes: Object.fromEntries(
    Object.entries(routes).map(([route, described]) => [route.replace(' ', ` ${base}`), described]),
  ),
}

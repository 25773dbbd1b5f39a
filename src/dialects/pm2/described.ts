import { z } from 'zod'
import type { DoorDescription, RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { instant, jwt, opaque } from '../../http/openapi/wire-types.ts'
import { describedBrowser } from './described-browser.ts'
import { renderFieldErrors } from './errors.ts'
import type { Settings } from './manifest.ts'
import type { presentRegistered, presentTokens, presentUser } from './present.ts'
import { refusals } from './refusals.ts'

const base = '/api/oauth'
const email = 'ada@example.com'
const bearer = [{ bearer: [] }]

const text = z.string()

const ErrorBody = z.strictObject({ error: text, error_description: text, msg: text })

/** Of a registration: by the names of the fields that are wrong. */
const FieldErrors = z.object({ msg: text }).catchall(z.strictObject({ message: text }))

const User = z.strictObject({
  _id: text,
  username: text.nullable(),
  email: text.nullable(),
  role: text.nullable(),
  company: text.nullable(),
  email_valid: z.boolean(),
  authorized_bucket: z.array(z.never()).max(0),
  created_at: instant,
}) satisfies z.ZodType<ReturnType<typeof presentUser>>

const Tokens = z.strictObject({
  access_token: jwt,
  refresh_token: opaque,
  expire_at: instant,
  token_type: z.literal('Bearer'),
}) satisfies z.ZodType<ReturnType<typeof presentTokens>>

const refreshToken = z.strictObject({ token: opaque })
const Registered = z.strictObject({
  user: User,
  access_token: z.strictObject({ token: jwt, expire_at: instant, token_type: z.literal('Bearer') }),
  refreshToken,
  refresh_token: refreshToken,
}) satisfies z.ZodType<ReturnType<typeof presentRegistered>>

const msg = (text: string) => z.strictObject({ msg: z.literal(text) })

const accessToken = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'
const userExample = {
  _id: '019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d',
  username: 'ada',
  email,
  role: null,
  company: null,
  email_valid: false,
  authorized_bucket: [],
  created_at: '2026-02-03T14:31:45.000Z',
}

function registration({ registration = 'on' }: Settings): RouteDescription {
  if (registration === 'off') {
    return { summary: 'Nobody may register', answers: {}, refusals: [refusals.registrationOff] }
  }
  return {
    summary: 'Open an account, and sign in',
    description:
      'The document of the API says GET, with a body; clients say POST. Mails a link that validates the address; until then ' +
      'the account may act, too.',
    example: {
      username: 'ada',
      email,
      password: 'four words and blanks',
      role: 'engineer',
      company: 'Example',
      accept_terms: 1,
    },
    newPassword: 'password',
    parameters: [
      {
        name: 'X-Client-Id',
        in: 'header',
        required: false,
        description: 'The client, where the body names none; else the default one',
        schema: { type: 'string' },
        example: '795984050',
      },
    ],
    answers: {
      200: {
        description: 'There is an account, and it is signed in',
        body: Registered,
        example: {
          user: userExample,
          access_token: { token: accessToken, expire_at: '2026-02-03T15:31:45.000Z', token_type: 'Bearer' },
          refreshToken: { token: 'zbb5d6vmyfqc' },
          refresh_token: { token: 'zbb5d6vmyfqc' },
        },
      },
    },
    errorBody: z.union([ErrorBody, FieldErrors]),
    renderError: renderFieldErrors,
    refusals: ['email_taken', 'username_taken', ...thrownBy.signUp, ...thrownBy.signInNewAccount],
  }
}

const tokenRoutes: Record<string, RouteDescription> = {
  [`POST ${base}/token`]: {
    summary: 'Get an access token',
    description:
      'The refresh token never changes. A refused one is a 400: at a 401 clients would ask for ever.',
    example: { client_id: '795984050', refresh_token: 'zbb5d6vmyfqc', grant_type: 'refresh_token' },
    answers: {
      200: {
        description: 'A fresh access token, and the refresh token that was sent',
        body: Tokens,
        example: {
          access_token: accessToken,
          refresh_token: 'zbb5d6vmyfqc',
          expire_at: '2026-02-03T15:31:45.000Z',
          token_type: 'Bearer',
        },
      },
    },
    refusals: ['refresh_invalid', refusals.grantUnsupported],
  },
  [`POST ${base}/revoke`]: {
    summary: 'Sign out',
    description: 'Ends the session of the access token: its refresh token and all its access tokens.',
    security: bearer,
    answers: { 200: { description: 'The session is over', body: msg('The token has been revoked.') } },
    refusals: ['access_invalid', 'session_not_found'],
  },
  'GET /api/bucket': {
    summary: 'List the buckets',
    description: 'There are none: a client counts itself signed in once it may ask.',
    security: bearer,
    answers: { 200: { description: 'None', body: z.array(z.never()).max(0), example: [] } },
    refusals: ['access_invalid'],
  },
  'GET /api/users/isLogged': {
    summary: 'Who the caller is',
    security: bearer,
    answers: { 200: { description: 'The account', body: User, example: userExample } },
    refusals: ['access_invalid'],
  },
}

const validationRoutes: Record<string, RouteDescription> = {
  [`POST ${base}/send_email_link`]: {
    summary: 'Ask for the mail that validates the address again',
    security: bearer,
    answers: {
      200: {
        description: 'A mail is on its way, or the address is valid already',
        body: z.union([msg('The mail has been sent.'), msg('There is nothing left to validate.')]),
      },
    },
    refusals: ['access_invalid'],
  },
  [`GET ${base}/valid_email/:token`]: {
    summary: 'Validate the address',
    description: 'The link of the mail. It may be opened as often as its token lives.',
    example: { token: 'mB3yQ0sXn2cVt9Kd' },
    answers: {
      301: { description: 'To the front end of the client', headers: redirects('/ui/verify-email-done') },
    },
    refusals: [refusals.linkInvalid],
  },
}

const newPasswordRoutes: Record<string, RouteDescription> = {
  [`GET ${base}/reset_password/:token`]: {
    summary: 'Open the form for a new password',
    description: 'The link of the mail. It uses nothing up.',
    example: { token: 'mB3yQ0sXn2cVt9Kd' },
    answers: { 302: { description: 'To the form', headers: redirects('/ui/reset-password?token=…') } },
  },
  [`POST ${base}/reset_password/:token`]: {
    summary: 'Set a new password',
    description: 'Ends all sessions of the account.',
    example: { token: 'mB3yQ0sXn2cVt9Kd', password: 'four words and blanks' },
    newPassword: 'password',
    answers: { 200: { description: 'The password is set', body: msg('The password has been set.') } },
    refusals: ['ticket_invalid'],
  },
}

function requestNewPassword({ enumeration = 'documented' }: Settings): RouteDescription {
  return {
    summary: 'Ask for a new password',
    example: { email },
    answers: { 200: { description: 'A mail is on its way', body: msg('The mail has been sent.') } },
    ...(enumeration === 'documented' && { refusals: [refusals.emailUnknown] }),
  }
}

function redirects(example: string) {
  return {
    Location: { description: 'Where it goes on', required: true, schema: { type: 'string' }, example },
  }
}

/** contracts/pm2.md */
export function describedFor(settings: Settings): DoorDescription {
  const register = registration(settings)
  return {
    title: 'PM2 OAuth',
    description:
      'As `@pm2/js-api` speaks it. Errors have `error`, and a text as `error_description` and as `msg`; those of a ' +
      'registration stand under the names of the fields. Fields that are not named here are passed over.',
    errorBody: ErrorBody,
    errorWord: 'error',
    fields: {
      client_id: 'The public id of the application',
      refresh_token: 'The one of `/register`, or of the redirect behind `/authorize`',
      grant_type: '`refresh_token`, which is meant where it is missing',
      accept_terms: 'That the terms are accepted',
      role: 'The job in the company',
      token: 'From the link of the mail',
      redirect_uri: 'One that is registered for the client',
      username: 'A user name, or an e-mail address where one signs in',
      otp: 'Of an authenticator app, or a recovery code, where the account has a second factor',
      code: 'The same as `otp`; at `/authorize/done` the code of the redirect',
    },
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token' },
      login: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-manydoors-login-{id}',
        description: 'Set by `/authorize`, for ten minutes: a cookie for each sign-in that was begun',
      },
    },
    routes: {
      ...tokenRoutes,
      [`GET ${base}/register`]: register,
      [`POST ${base}/register`]: register,
      ...describedBrowser(base, redirects),
      ...validationRoutes,
      [`POST ${base}/reset_password`]: requestNewPassword(settings),
      ...newPasswordRoutes,
    },
  }
}

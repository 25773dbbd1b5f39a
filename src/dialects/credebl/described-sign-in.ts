import { z } from 'zod'
import type { RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { ClientAlias, Refreshed, SecondFactor, SignedIn, succeeded } from './described-bodies.ts'
import { refusals } from './refusals.ts'

const email = 'ada@example.com'
const jwt = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'

const tokenExample = {
  access_token: jwt,
  expires_in: 3600,
  refresh_expires_in: 86_400,
  refresh_token: jwt,
  token_type: 'Bearer',
  'not-before-policy': 0,
  session_state: 'q4Zs0C7mJ2xT',
  scope: 'email profile',
}

const signedIn = succeeded(200, 'User login successfully', SignedIn)
const signedInExample = {
  statusCode: 200,
  message: 'User login successfully',
  data: { ...tokenExample, isRegisteredToSupabase: false, sessionId: 'q4Zs0C7mJ2xT' },
}

export function signInRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`POST ${base}/signin`]: {
      summary: 'Sign in',
      example: { email, password: 'four words and blanks' },
      answers: {
        200: {
          description:
            'Signed in; or, where the account has a second factor, what goes on to `/signin/two-factor`',
          body: z.union([signedIn, succeeded(200, 'Two factor is required to complete login', SecondFactor)]),
          example: signedInExample,
        },
      },
      refusals: [...thrownBy.signIn],
    },
    [`POST ${base}/signin/two-factor`]: {
      summary: 'Sign in with a second factor',
      description: 'Goes on from the answer of `/signin`.',
      example: { twoFactorToken: 'q4Zs0C7mJ2xT', code: '110450' },
      answers: { 200: { description: 'Signed in', body: signedIn, example: signedInExample } },
      refusals: [...thrownBy.answerChallenge],
    },
    [`POST ${base}/refresh-token`]: {
      summary: 'Refresh the tokens',
      description: 'The refresh token stays good until the one that follows has been used.',
      example: { refreshToken: jwt },
      answers: {
        200: {
          description: 'New tokens',
          body: succeeded(200, 'Token details fetched successfully', Refreshed),
          example: {
            statusCode: 200,
            message: 'Token details fetched successfully',
            data: { ...tokenExample, sessionId: 'q4Zs0C7mJ2xT' },
          },
        },
      },
      refusals: ['refresh_invalid'],
    },
    [`POST ${base}/signout`]: {
      summary: 'Sign out',
      description:
        'Ends the current session, or those of a list as far as they are the caller’s. The access token may have expired.',
      security: [{ bearer: [] }],
      example: { sessions: ['019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d'] },
      answers: { 200: { description: 'It is over', body: succeeded(200, 'User logout successfully') } },
      refusals: ['access_invalid'],
    },
  }
}

const proofCookie = (what: string) => ({
  'Set-Cookie': {
    description: `The proof for the sign-up that follows, ${what}: HttpOnly, Secure`,
    schema: { type: 'string' },
  },
})

const verificationMail: RouteDescription = {
  summary: 'Ask for the mail that begins a sign-up',
  description: 'The answer does not tell whether there is an account.',
  example: { email, platformName: 'Studio', endpoint: 'https://app.example.com' },
  answers: {
    201: {
      description: 'A mail is on its way',
      body: succeeded(201, 'Verification link has been successfully sent on the email. Please verify'),
    },
  },
}

export function signUpRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`POST ${base}/verification-mail`]: verificationMail,
    [`GET ${base}/verify`]: {
      summary: 'Show that the mail has come',
      description: 'As often as it is asked while the code lives. It verifies no account that exists.',
      example: { email, verificationCode: 'mB3yQ0sXn2cVt9Kd' },
      answers: {
        200: {
          description: 'Go on to `/signup`, with the cookie or with the code',
          body: succeeded(200, 'Email verified successfully'),
          headers: proofCookie('set'),
        },
      },
      refusals: ['email_already_verified', { code: 'ticket_invalid', ...refusals.codeInvalid }],
    },
    [`POST ${base}/signup`]: {
      summary: 'Open an account',
      description: 'Needs the cookie of `/verify`, or the code of the mail.',
      example: {
        email,
        firstName: 'Ada',
        lastName: 'Example',
        password: 'four words and blanks',
        verificationCode: 'mB3yQ0sXn2cVt9Kd',
      },
      newPassword: 'password',
      security: [{ proof: [] }, {}],
      answers: {
        201: {
          description: 'There is an account',
          body: succeeded(201, 'User registered successfully', z.strictObject({ userId: z.string() })),
          example: {
            statusCode: 201,
            message: 'User registered successfully',
            data: { userId: '019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d' },
          },
          headers: proofCookie('cleared'),
        },
      },
      refusals: [
        'email_taken',
        'credentials_invalid',
        ...thrownBy.signUp,
        { code: 'ticket_invalid', ...refusals.emailUnverified },
      ],
    },
    [`GET ${base}/clientAliases`]: {
      summary: 'List the front ends',
      answers: {
        200: {
          description: 'Those that are registered, with what `clientAlias` calls them',
          body: succeeded(200, 'Client aliases fetched successfully', z.array(ClientAlias)),
          example: {
            statusCode: 200,
            message: 'Client aliases fetched successfully',
            data: [{ id: 'VERIFIER', clientAlias: 'VERIFIER', clientUrl: 'https://verifier.example.com' }],
          },
        },
      },
    },
  }
}

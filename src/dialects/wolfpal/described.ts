import { z } from 'zod'
import type { DoorDescription, RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { callerRoutes } from './described-account.ts'
import { ErrorBody, saidAs, Tokens } from './described-bodies.ts'

const tokenExample = {
  access_token:
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1ZjRiZmYxMjEwMzdlNDI0YTE3YTNlYmMiLCJpYXQiOjE1OTkyNDE1OTMsImV4cCI6MTU5OTI0MzM5M30.FuLUNEc_lE8jI2KEur0KsQzZFjIh5kymnLdR0Udycxk',
  refresh_token:
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1ZjRiZmYxMjEwMzdlNDI0YTE3YTNlYmMiLCJpYXQiOjE1OTkyNDE1OTMsImV4cCI6MTU5OTMyNzk5M30.QtOrs1kJyh7sWDt2Y0_VpPRyXYZcfK9W4SR-YsxCrHk',
}
const email = 'user@mrdemonwolf.github.io'
const linkToken = 'mB3yQ0sXn2cVt9Kd'

function signUpRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`POST ${base}/auth/register`]: {
      summary: 'Open an account',
      description:
        'Mails a link that confirms the address. An address that is taken gets the same answer, and its owner a mail.',
      example: { username: 'usermrdemonwolfgithubio', email, password: email },
      newPassword: 'password',
      answers: {
        201: {
          description: 'A mail is on its way',
          body: saidAs(
            'error',
            'PENDING_CONFIRMATION',
            'Please confirm your email address to complete the registration.',
          ),
        },
      },
      refusals: ['username_taken', ...thrownBy.signUp],
    },
    [`PUT ${base}/user/activate-account/:token`]: {
      summary: 'Confirm the e-mail address',
      example: { token: linkToken },
      answers: {
        200: {
          description: 'The account is active',
          body: saidAs('message', 'ACTIVATED', z.string()),
          example: {
            code: 'ACTIVATED',
            message: 'Good job! Your account is now activated and you can start using WolfPal.',
          },
        },
      },
      refusals: ['ticket_invalid'],
    },
    [`POST ${base}/user/activate-account/resend`]: {
      summary: 'Ask for the mail of the registration again',
      description: 'The answer does not tell whether there is an account.',
      example: { email },
      answers: {
        200: {
          description: 'If an account waits for it, a mail is on its way',
          body: saidAs(
            'message',
            'PENDING_CONFIRMATION',
            'Please check your email address to complete the registration.',
          ),
        },
      },
    },
  }
}

function signInRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`POST ${base}/login`]: {
      summary: 'Log in',
      example: { email, password: email },
      answers: {
        200: {
          description: 'Logged in; or, where the account has a second factor, what goes on to `/two-factor`',
          body: z.union([
            z.strictObject({ ...Tokens.shape, twoFactor: z.literal(false) }),
            z.strictObject({
              code: z.literal('TWO_FACTOR_REQUIRED'),
              error: z.literal('Two Factor is required to complete login.'),
              token: z.string().regex(/^[\da-zA-Z]{64}$/),
              twoFactor: z.literal(true),
            }),
          ]),
          example: { ...tokenExample, twoFactor: false },
        },
      },
      refusals: [...thrownBy.signIn],
    },
    [`POST ${base}/two-factor`]: {
      summary: 'Log in with a second factor',
      description: 'The fields are also known as `Token` and `Code`.',
      example: { token: 'qh8C0G8azJRUJmdn9jCiZNJ0pTLmBldoChcRvPgt31GEOD5sShmHzqn7ROCzqwU2', code: '110450' },
      answers: {
        200: {
          description: 'Logged in',
          body: z.strictObject({ ...Tokens.shape, twoFactor: z.literal(true) }),
          example: { ...tokenExample, twoFactor: true },
        },
      },
      refusals: [...thrownBy.answerChallenge],
    },
    [`POST ${base}/refresh`]: {
      summary: 'Refresh the tokens',
      description:
        'Each token is good once; sent again within ten seconds it gets the same successor, and later it ends the session.',
      example: { refresh_token: tokenExample.refresh_token },
      answers: { 200: { description: 'New tokens', body: Tokens, example: tokenExample } },
      refusals: ['refresh_invalid'],
    },
    [`POST ${base}/logout`]: {
      summary: 'Log out',
      description: 'Ends the session of the access token, which may have expired, or of a refresh token.',
      security: [{ bearer: [] }, {}],
      answers: {
        200: {
          description: 'The session is over',
          body: saidAs('error', 'LOGGED_OUT', 'You are now logged out.'),
          example: { code: 'LOGGED_OUT', error: 'You are now logged out.' },
        },
      },
      refusals: ['access_invalid'],
    },
  }
}

function recoveryRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`POST ${base}/forgot-password`]: {
      summary: 'Ask for a new password',
      description: 'The answer does not tell whether there is an account.',
      example: { email },
      answers: {
        200: {
          description: 'If there is an account, a mail is on its way',
          body: saidAs('error', 'PENDING_CONFIRMATION', z.string()),
          example: {
            code: 'PENDING_CONFIRMATION',
            error: `An Email has been sent to ${email} with further instructions on how to reset your password. Please check your email account.`,
          },
        },
      },
    },
    [`POST ${base}/reset-password/:token`]: {
      summary: 'Set a new password',
      description: 'Ends all sessions of the account. The second field is also known as `comfirmPassword`.',
      example: { token: linkToken, password: email, confirmPassword: email },
      newPassword: 'password',
      answers: {
        200: {
          description: 'The password is set',
          body: saidAs(
            'error',
            'UPDATED',
            'Your password has been updated. Please try logging in with your new password.',
          ),
        },
      },
      refusals: ['ticket_invalid'],
    },
  }
}

/** contracts/wolfpal.md */
export const described: DoorDescription = {
  title: 'WolfPal authentication',
  description:
    'Answers have a word in `code`; `error` carries the text on success, too. Every path is also there below `/api`. Fields ' +
    'that are not named here are passed over.',
  errorBody: ErrorBody,
  errorWord: 'code',
  fields: {
    token: 'From the link of the mail, or the answer of `/login`',
    code: 'Of an authenticator app, or a recovery code',
    confirmPassword: 'The password once more',
    refresh_token: 'The newest one of the session',
    id: 'Of a session',
  },
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token' },
  },
  routes: Object.assign(
    {},
    ...['', '/api'].flatMap((base) => [
      signUpRoutes(base),
      signInRoutes(`${base}/auth`),
      recoveryRoutes(`${base}/user`),
      callerRoutes(base),
    ]),
  ),
}

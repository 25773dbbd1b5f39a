import { z } from 'zod'
import type { RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { Enrolment, Session, saidAs, User } from './described-bodies.ts'
import { renderAccountError } from './errors.ts'

const email = 'user@mrdemonwolf.github.io'

/** What callers do with their own account, as `account-routes.ts` and the sessions of `routes.ts` serve it. */
export function callerRoutes(base: string): Record<string, RouteDescription> {
  return forCallers({
    ...ownAccountRoutes(`${base}/account`),
    ...secondFactorRoutes(`${base}/account/two-factor`),
    ...sessionRoutes(`${base}/sessions`),
    ...sessionRoutes(`${base}/account/sessions`),
  })
}

/** For callers alone. */
function forCallers(routes: Record<string, RouteDescription>): Record<string, RouteDescription> {
  return Object.fromEntries(
    Object.entries(routes).map(([name, route]) => [
      name,
      { ...route, security: [{ bearer: [] }], refusals: ['access_invalid', ...(route.refusals ?? [])] },
    ]),
  )
}

const codeRefusals = [
  'second_factor_not_pending',
  'second_factor_code_invalid',
  'recent_sign_in_needed',
] as const

function ownAccountRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`GET ${base}`]: {
      summary: 'Who the caller is',
      answers: {
        200: {
          description: 'The account',
          body: z.strictObject({ user: User }),
          example: {
            user: {
              _id: '5f4bff121037e424a17a3ebc',
              username: 'usermrdemonwolfgithubio',
              email,
              twoFactor: false,
              emailVerified: true,
              isBanned: false,
              role: 'user',
              slug: 'usermrdemonwolfgithubio',
              createdAt: '2020-08-30T19:33:38.000Z',
              updatedAt: '2020-09-04T17:46:33.000Z',
            },
          },
        },
      },
    },
    [`PUT ${base}/change-password`]: {
      summary: 'Change the password',
      description:
        'Ends all sessions of the account. Where it has a second factor that the session has not shown, `code` is needed.',
      example: { oldPassword: email, newPassword: 'four words and blanks' },
      newPassword: 'newPassword',
      answers: {
        200: {
          description: 'The password is changed',
          body: saidAs('message', 'PASSWORD_CHANGED', 'Your password has been changed.'),
        },
      },
      renderError: renderAccountError,
      refusals: [...thrownBy.changePassword],
    },
  }
}

function secondFactorRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`POST ${base}`]: {
      summary: 'Set up a second factor',
      description: 'It is in use once a code has confirmed it. Recovery codes are shown here alone.',
      answers: {
        200: {
          description: 'What an authenticator app is to be given',
          body: z.strictObject({
            code: z.literal('PENDING_VERIFICATION'),
            error: z.literal('Two Factor is pending verification.'),
            ...Enrolment.shape,
          }),
        },
      },
      refusals: ['second_factor_enabled', 'recent_sign_in_needed'],
    },
    [`PUT ${base}`]: {
      summary: 'Confirm the second factor',
      example: { code: '110450' },
      answers: {
        200: {
          description: 'It is in use',
          body: saidAs('message', 'TWO_FACTOR_ENABLED', 'Two factor has been enabled.'),
        },
      },
      renderError: renderAccountError,
      refusals: [...codeRefusals],
    },
    [`DELETE ${base}`]: {
      summary: 'Remove the second factor',
      description:
        'With a code in the query, or in the body, which no log of a proxy keeps. One of the two is needed.',
      example: { code: '110450' },
      answers: {
        200: {
          description: 'It is gone',
          body: saidAs('message', 'TWO_FACTOR_DISABLED', 'Two factor has been disabled.'),
        },
      },
      renderError: renderAccountError,
      refusals: [...codeRefusals],
    },
  }
}

function sessionRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`GET ${base}`]: {
      summary: 'List the own sessions',
      answers: {
        200: {
          description: 'Up to 100, newest first, and how many there are',
          body: z.strictObject({ sessions: z.array(Session).max(100), total: z.int().min(0) }),
        },
      },
    },
    [`DELETE ${base}`]: {
      summary: 'End all own sessions',
      answers: {
        200: {
          description: 'All are over',
          body: saidAs('error', 'ALL_SESSIONS_REVOKED', 'All Sessions has been revoked.'),
        },
      },
    },
    [`DELETE ${base}/:id`]: {
      summary: 'End one of the own sessions',
      example: { id: '019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d' },
      answers: {
        200: {
          description: 'It is over',
          body: saidAs('error', 'SESSION_REVOKED', 'Session has been revoked.'),
        },
      },
      refusals: ['session_not_found'],
    },
  }
}

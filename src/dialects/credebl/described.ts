import { z } from 'zod'
import { AuthError } from '../../core/errors.ts'
import type { DoorDescription, RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { ErrorBody, Identity, Profile, Session, SessionDetails, succeeded } from './described-bodies.ts'
import { signInRoutes, signUpRoutes } from './described-sign-in.ts'
import { errors, render } from './errors.ts'
import { invalidEmail } from './fields.ts'
import { refusals } from './refusals.ts'

const email = 'ada@example.com'
const id = '019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d'
const bearer = [{ bearer: [] }]

const passwordReset = {
  description: 'The password is set, and all sessions are over',
  body: succeeded(200, 'Password reset successfully', Identity),
  example: { statusCode: 200, message: 'Password reset successfully', data: { id, email } },
}

function recoveryRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`POST ${base}/forgot-password`]: {
      summary: 'Ask for a new password',
      description:
        'Mails a link that is good for an hour. The answer does not tell whether there is an account: `id` is that of the request.',
      example: {
        email,
        brandLogoUrl: 'https://example.com/logo.png',
        platformName: 'Studio',
        endpoint: 'https://app.example.com',
        clientAlias: 'VERIFIER',
      },
      answers: {
        200: {
          description: 'If there is an account, a mail is on its way',
          body: succeeded(
            200,
            'Reset password link has been sent to your mail',
            z.strictObject({ id: z.string(), email: z.string() }),
          ),
          example: {
            statusCode: 200,
            message: 'Reset password link has been sent to your mail',
            data: { id, email },
          },
        },
      },
    },
    [`POST ${base}/password-reset/:email`]: {
      summary: 'Set a new password with the token of a mail',
      example: { email, password: 'four words and blanks', token: 'mB3yQ0sXn2cVt9Kd' },
      newPassword: 'password',
      answers: { 200: passwordReset },
      refusals: ['ticket_invalid', 'credentials_invalid'],
    },
    [`POST ${base}/reset-password`]: {
      summary: 'Change the password',
      description:
        'With the current one. An access token that is sent must be of the same user; an account with a second factor needs ' +
        'one whose session has shown it, or `code`.',
      example: { email, oldPassword: 'four words and blanks', newPassword: 'five other words and blanks' },
      newPassword: 'newPassword',
      security: [{}, { bearer: [] }],
      answers: { 200: passwordReset },
      refusals: [
        'access_invalid',
        ...thrownBy.changePassword,
        { code: 'password_foreign', ...refusals.passwordForeign },
      ],
    },
  }
}

const sessionExample = {
  id,
  userId: '019c1f6e-0000-7c33-9f0e-3d2f6a1b4c5d',
  expiresAt: '2026-02-04T15:31:45.000Z',
  createdAt: '2026-02-03T15:31:45.000Z',
  clientInfo: '{"browser":"Firefox 140","os":"Linux","deviceType":"desktop","rawDetail":null,"ip":null}',
  sessionType: 'user-session',
}

function sessionRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`GET ${base}/sessionDetails`]: {
      summary: 'Get the tokens of a session',
      description:
        'By the `sessionId` of the sign-in, which nobody can guess; the ids of the list open nothing.',
      example: { sessionId: 'q4Zs0C7mJ2xT' },
      answers: {
        200: {
          description: 'The session with its tokens',
          body: succeeded(200, 'Session details fetched successfully', SessionDetails),
        },
      },
      refusals: ['session_not_found'],
    },
    [`GET ${base}/:userId/sessions`]: {
      summary: 'List the own sessions',
      security: bearer,
      example: { userId: sessionExample.userId },
      answers: {
        200: {
          description: 'Those that are live',
          body: succeeded(200, 'User Sessions fetched Successfully', z.array(Session)),
          example: {
            statusCode: 200,
            message: 'User Sessions fetched Successfully',
            data: [sessionExample],
          },
        },
      },
      refusals: [
        'access_invalid',
        { code: 'user_invalid', ...refusals.userInvalid },
        { code: 'sessions_foreign', ...refusals.sessionsForeign },
      ],
    },
    [`DELETE ${base}/:sessionId/sessions`]: {
      summary: 'End one of the own sessions',
      security: bearer,
      example: { sessionId: id },
      answers: { 200: { description: 'It is over', body: succeeded(200, 'Session deleted successfully') } },
      refusals: [
        'access_invalid',
        'session_not_found',
        'session_foreign',
        { code: 'session_invalid', ...refusals.sessionInvalid },
      ],
    },
  }
}

const profile: RouteDescription = {
  summary: 'Who the caller is',
  security: bearer,
  answers: {
    200: {
      description: 'The account',
      body: succeeded(200, 'User fetched successfully', Profile),
      example: {
        statusCode: 200,
        message: 'User fetched successfully',
        data: {
          id,
          username: email,
          email,
          firstName: 'Ada',
          lastName: 'Example',
          profileImg: null,
          publicProfile: false,
          supabaseUserId: null,
          keycloakUserId: id,
          isEmailVerified: true,
          userOrgRoles: [],
        },
      },
    },
  },
  refusals: ['access_invalid'],
}

const emailInvalid = render(
  errors.validation_failed,
  new AuthError('validation_failed', { issues: [invalidEmail] }),
)

function userRoutes(base: string): Record<string, RouteDescription> {
  return {
    [`GET ${base}/profile`]: profile,
    [`PUT ${base}`]: {
      summary: 'Change the own names',
      description: 'At least one of the two is needed.',
      security: bearer,
      example: { firstName: 'Ada', lastName: 'Example' },
      answers: {
        200: { description: 'They are changed', body: succeeded(200, 'User details updated successfully') },
      },
      refusals: ['access_invalid'],
    },
    [`GET ${base}/:email`]: {
      summary: 'Begin a sign-up',
      description: 'The answer is the same for everybody, so that it tells nothing.',
      example: { email },
      answers: {
        200: {
          description: 'Go on to the verification mail',
          body: succeeded(
            200,
            'User email checked successfully.',
            z.strictObject({ isEmailVerified: z.literal(false), isRegistrationCompleted: z.literal(false) }),
          ),
        },
      },
      refusals: [{ code: 'validation_failed', ...emailInvalid }],
    },
  }
}

/** contracts/credebl.md */
export const described: DoorDescription = {
  title: 'CREDEBL authentication',
  description:
    'Answers have their status as `statusCode` in the body, too. Every path is also there below `/v1`. Passwords are plain text, ' +
    'or encrypted as Studio does it where the operator has set its key. Fields that are not named here are passed over.',
  errorBody: ErrorBody,
  fields: {
    isPasswordEncrypted: 'Whether passwords of this request are encrypted; found out where it is not said',
    brandLogoUrl: 'A logo for the mail, shown where its host is registered for the client',
    platformName: 'How the mail names the platform',
    endpoint: 'Where the link of the mail leads, where that is registered for the client',
    clientAlias: 'The front end that is meant, by its alias',
    sessions: 'Sessions to end; the current one where there are none',
    code: 'Of an authenticator app, or a recovery code',
    verificationCode: 'From the link of the mail',
    token: 'From the link of the mail',
    sessionId: 'Of the sign-in, or of a session in the list where one is ended',
  },
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token' },
    proof: {
      type: 'apiKey',
      in: 'cookie',
      name: '__Host-credebl-verification',
      description: 'Set by `/verify`',
    },
  },
  routes: Object.assign(
    {},
    ...['', '/v1'].flatMap((version) => [
      signInRoutes(`${version}/auth`),
      signUpRoutes(`${version}/auth`),
      recoveryRoutes(`${version}/auth`),
      sessionRoutes(`${version}/auth`),
      userRoutes(`${version}/users`),
    ]),
  ),
}

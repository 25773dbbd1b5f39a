import type { DoorDescription } from '../../http/openapi/description.ts'
import { aboutRoutes, refusedRoutes } from './described-about.ts'
import { adminRoutes } from './described-admin.ts'
import { ErrorBody } from './described-bodies.ts'
import { factorRoutes } from './described-factors.ts'
import { mailRoutes, verifyRoutes } from './described-mails.ts'
import { everywhere } from './described-refusals.ts'
import { sessionRoutes } from './described-sessions.ts'
import { userRoutes } from './described-user.ts'
import { byEverybody, securitySchemes } from './described-ways.ts'
import type { Settings } from './manifest.ts'

const fields = {
  phone: 'A number with its country code',
  data: 'What somebody says of themselves, which is `user_metadata` then',
  redirect_to: 'Where the link of the mail ends, if the client’s list has that; else at its front end',
  code_challenge: 'RFC 7636: a link that was asked for with it ends in a code for whoever knows the verifier',
  code_challenge_method: '`s256`, or `plain`',
  grant_type: '`password`, `refresh_token`, or `pkce`',
  auth_code: 'From the redirect of a mail’s link',
  code_verifier: 'What the challenge was made of',
  refresh_token: 'The newest of the session',
  provider: 'For `id_token` alone, which is off',
  scope: '`global`, `local`, or `others`',
  channel: 'How the code comes to `phone`: `sms`, the only one',
  create_user: 'Whether it opens an account where there is none; it does where it is not said',
  token: 'Six digits of a mail; in the address of a link its secret',
  token_hash: 'The secret of a mail’s link',
  nonce: 'Six digits that `/reauthenticate` has mailed',
  app_metadata: 'What back ends alone say of somebody',
  user_metadata: 'What somebody says of themselves',
  issuer: 'How the app of authenticators names who wants the code',
  challenge_id: 'From the answer of `/challenge`',
  code: 'Six digits of an authenticator app',
  page: 'From 1',
  per_page: 'At most 1000; 50 where it is not said',
  password_hash: 'As another system has made it: bcrypt, Argon2, scrypt, PBKDF2',
  ban_duration: 'How long nobody signs in to it, as Go writes durations, such as `24h`; `none` ends that',
  role: 'Only `authenticated` is there',
  id: 'A UUID; of an account that is opened, the one that it had elsewhere',
}

/** contracts/gotrue.md */
export function describedFor(settings: Settings): DoorDescription {
  return {
    title: 'Supabase Auth',
    description:
      'As `@supabase/auth-js` speaks it. Errors have their code as `code` with a text as `message`, where a request says ' +
      '`X-Supabase-Api-Version: 2024-01-01`, and else as `error_code` with a text as `msg`, beside the status as `code`; both forms ' +
      'have it in the header `X-Sb-Error-Code`, too. What is asked for too often is answered 429, and 503 where it is a refresh: a ' +
      'client would delete its session at 429. Pages of registered origins may read `X-Total-Count`, `Link` and ' +
      '`X-Supabase-Api-Version`. Fields that are not named here are passed over.',
    errorBody: ErrorBody,
    errorWord: ['error_code', 'code'],
    errorHeaders: {
      'X-Sb-Error-Code': {
        description: 'The code, of all refusals but pages',
        schema: { type: 'string' },
        example: 'validation_failed',
      },
      'X-Supabase-Api-Version': {
        description: 'Of the form of the error, where the request has asked for it',
        schema: { type: 'string', const: '2024-01-01' },
      },
    },
    fields,
    securitySchemes,
    security: byEverybody,
    parameters: [
      {
        name: 'X-Supabase-Api-Version',
        in: 'header',
        required: false,
        description: 'A day, which says how errors look',
        schema: { type: 'string', examples: ['2024-01-01'] },
      },
    ],
    refusals: everywhere,
    routes: {
      ...sessionRoutes(settings),
      ...mailRoutes(settings),
      ...verifyRoutes,
      ...userRoutes(settings),
      ...factorRoutes,
      ...aboutRoutes,
      ...adminRoutes,
      ...refusedRoutes,
    },
  }
}

import { z } from 'zod'
import type { RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { NewUser, PasswordSession, Session, TakenUser } from './described-bodies.ts'
import { session, user } from './described-examples.ts'
import { banned, invalid, noCaller, noRefresh, own, tooManyMails } from './described-refusals.ts'
import { byCallers } from './described-ways.ts'
import { issuerDisabled, refusals } from './errors.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'

const { email } = user

/** What begins and ends sessions. */
export function sessionRoutes(settings: Settings): Record<string, RouteDescription> {
  return {
    [`POST ${base}/signup`]: settings.registration === 'off' ? closedSignUp : signUp(settings),
    [`POST ${base}/token`]: token(settings),
    [`POST ${base}/logout`]: logout,
  }
}

const askedOfSignUp = {
  summary: 'Open an account',
  example: { email, password: 'four words and blanks', data: { name: 'Ada' } },
  required: ['password'],
}

const closedSignUp: RouteDescription = {
  ...askedOfSignUp,
  description: 'Nobody may.',
  answers: {},
  refusals: [own(refusals.signUpsClosed)],
}

function signUp({ autoconfirm = false, enumeration = 'hidden' }: Settings): RouteDescription {
  const tellsTaken = enumeration === 'documented'
  const { last_sign_in_at: _later, email_confirmed_at: _too, confirmed_at: _all, ...unconfirmed } = user
  return {
    ...askedOfSignUp,
    newPassword: 'password',
    answers: {
      200: autoconfirm
        ? { description: 'There is an account, and it is signed in', body: Session, example: session }
        : {
            description: tellsTaken
              ? 'A mail is on its way, which confirms the address; of an address that somebody has, `identities` is empty'
              : 'A mail is on its way, which confirms the address. The answer does not tell whether somebody has it',
            body: tellsTaken ? z.union([NewUser, TakenUser]) : NewUser,
            example: { ...unconfirmed, confirmation_sent_at: user.created_at },
          },
    },
    refusals: [
      invalid,
      own(refusals.anonymousSignIn),
      own(refusals.phoneSignUp),
      tooManyMails,
      ...thrownBy.signUp,
      ...(autoconfirm ? (['email_taken', ...thrownBy.signInNewAccount] as const) : []),
    ],
  }
}

function token({ phone = false }: Settings): RouteDescription {
  return {
    summary: 'Get a session',
    description:
      'By `grant_type`: `password` takes `email` and `password`, or `phone` where there are phones; `refresh_token` takes `refresh_token`, and never answers 401, 403 ' +
      'or 429; `pkce` takes the `auth_code` of a redirect and the `code_verifier` of whoever asked for the mail. A refresh token ' +
      'stays good until the one that follows has been used. Where the account has a verified factor, the session is of `aal1` ' +
      'until it has shown that at `/factors/{id}/verify`.',
    example: { grant_type: 'password', email, password: 'four words and blanks' },
    answers: {
      200: {
        description: 'A session; that of a password has `weak_password`, too',
        body: z.union([Session, PasswordSession]),
        example: { ...session, weak_password: null },
      },
    },
    refusals: [
      invalid,
      own(refusals.unknownGrant),
      ...thrownBy.signIn.filter((code) => code !== 'second_factor_needed'),
      own(refusals.factorElsewhere),
      banned,
      own(refusals.phoneLogin),
      ...(phone ? [own(refusals.phoneUnconfirmed)] : []),
      ...noRefresh,
      own(refusals.exchangeUnknown),
      own(refusals.exchangeExpired),
      own(refusals.verifier),
      own(issuerDisabled('https://accounts.example.com')),
      own(refusals.web3),
    ],
  }
}

const logout: RouteDescription = {
  summary: 'Sign out',
  description:
    'By `scope`: `global`, which is meant where it is missing, ends all sessions of the account, `local` the own, and `others` all ' +
    'but the own. The access token may have expired; then the own session ends, whatever the scope.',
  security: byCallers,
  example: { scope: 'local' },
  answers: { 204: { description: 'It is over' } },
  refusals: [invalid, ...noCaller],
}

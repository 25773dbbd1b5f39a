import type { RouteDescription } from '../../http/openapi/description.ts'
import { Nothing, User } from './described-bodies.ts'
import { user } from './described-examples.ts'
import { invalid, noCaller, own, tooManyMails, tooManyTexts } from './described-refusals.ts'
import { byCallers } from './described-ways.ts'
import { refusals } from './errors.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'

/** What callers read and change of their own account. */
export function userRoutes({ phone = false }: Settings): Record<string, RouteDescription> {
  return {
    [`GET ${base}/user`]: {
      summary: 'Who the caller is',
      security: byCallers,
      answers: { 200: { description: 'The account', body: User, example: user } },
      refusals: [...noCaller],
    },
    [`PUT ${base}/user`]: {
      summary: 'Change the own account',
      description:
        '`data` is laid over the metadata that there is, and what is `null` in it is taken away. Another `email` is confirmed by mails ' +
        'to both mailboxes, and is `new_email` until then; another `phone`, where there are phones, by a code to it. The answer does ' +
        'not tell whether somebody has them. Another `password` ' +
        'takes a session of less than a day, the `current_password`, or the `nonce` that `/reauthenticate` mails, and ends all ' +
        'other sessions.',
      security: byCallers,
      example: { data: { name: 'Ada' }, password: 'five other words and blanks' },
      newPassword: 'password',
      answers: { 200: { description: 'The account as it is now', body: User, example: user } },
      refusals: [
        invalid,
        ...noCaller,
        'second_factor_needed',
        'recent_sign_in_needed',
        'password_unchanged',
        own(refusals.currentPassword),
        own(refusals.nonce),
        own(refusals.appMetadata),
        tooManyMails,
        own(refusals.phoneChange),
        ...(phone ? [tooManyTexts] : []),
      ],
    },
    [`GET ${base}/reauthenticate`]: {
      summary: 'Ask for a code that a new password takes',
      description: 'Six digits by mail, for `nonce` of `PUT /user`.',
      security: byCallers,
      answers: { 200: { description: 'A mail is on its way', body: Nothing } },
      refusals: [
        ...noCaller,
        'second_factor_needed',
        own(refusals.noEmail),
        own(refusals.emailUnconfirmed),
        tooManyMails,
      ],
    },
  }
}

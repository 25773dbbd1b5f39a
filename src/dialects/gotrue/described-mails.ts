import { z } from 'zod'
import type { Answer, RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { opaque } from '../../http/openapi/wire-types.ts'
import { FirstHalf, Nothing, Session } from './described-bodies.ts'
import { session, user } from './described-examples.ts'
import { invalid, own, tooManyMails, tooManyTexts } from './described-refusals.ts'
import { refusals } from './errors.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'

const { email } = user
const verifier = 'x3v0qTkq1bYbC8m7mS1Zr5u2Jt9wQe4Lx6nPd0aVfHk'

const onItsWay: Record<number, Answer> = {
  200: {
    description: 'A mail is on its way, if there is whom to send it to: the answer does not tell',
    body: Nothing,
  },
}

const textOrMail: Record<number, Answer> = {
  200: {
    description: 'The same; of a text message with an id, which tells nothing either',
    body: z.union([Nothing, z.strictObject({ message_id: opaque })]),
  },
}

/** The mails and text messages that people ask for. */
export function mailRoutes({ phone = false }: Settings): Record<string, RouteDescription> {
  // They answer as off too where nothing is set that sends them.
  const texts = [own(refusals.phoneMessage), ...(phone ? [tooManyTexts] : [])]
  return {
    [`POST ${base}/recover`]: {
      summary: 'Ask for a mail that signs in whoever has forgotten the password',
      example: { email, redirect_to: 'https://app.example.com/welcome' },
      required: ['email'],
      answers: onItsWay,
      refusals: [invalid, tooManyMails],
    },
    [`POST ${base}/otp`]: {
      summary: 'Ask for a mail or a text message that signs in',
      description:
        'A mail holds a link and six digits, a text message to `phone` the digits alone, where there are phones. Either opens an account ' +
        'where there is none, unless `create_user` is false.',
      example: { email, create_user: true, code_challenge: verifier, code_challenge_method: 's256' },
      answers: phone ? textOrMail : onItsWay,
      refusals: [invalid, tooManyMails, ...texts],
    },
    [`POST ${base}/resend`]: {
      summary: 'Ask for a mail or a text message again',
      description: '`type` is `signup` or `email_change` with `email`, `sms` or `phone_change` with `phone`.',
      example: { type: 'signup', email },
      required: ['type'],
      answers: onItsWay,
      refusals: [invalid, tooManyMails, ...texts],
    },
  }
}

const types =
  '`signup`, `invite`, `magiclink`, `recovery`, `email_change`, or `email` for the first and the third'

/** What mails are good for. */
export const verifyRoutes: Record<string, RouteDescription> = {
  [`POST ${base}/verify`]: {
    summary: 'Sign in by what a mail holds',
    description:
      `\`type\` is ${types}; it takes \`token_hash\`, the secret of the link, or \`token\`, its six digits, with \`email\`. Of a text ` +
      'message it is `sms` or `phone_change`, with `token` and `phone`.',
    example: { type: 'email', email, token: '110450' },
    required: ['type'],
    answers: {
      200: {
        description:
          'A session; or, where another address is still to be confirmed from the other mailbox, what says so',
        body: z.union([Session, FirstHalf]),
        example: session,
      },
    },
    refusals: [invalid, 'ticket_invalid', own(refusals.linkExpired), ...thrownBy.signUp],
  },
  [`GET ${base}/verify`]: {
    summary: 'Open the link of a mail in a browser',
    description:
      `\`type\` is ${types}. A link that was asked for with a challenge leads back to the app with a code for the grant \`pkce\`, and stays ` +
      'good until that is redeemed; any other shows a page whose button signs in, as mail scanners open every link.',
    example: {
      token: `pkce_${'5e'.repeat(32)}`,
      type: 'magiclink',
      redirect_to: 'https://app.example.com/welcome',
    },
    required: ['token', 'type'],
    refusesWithPage: true,
    answers: {
      200: { description: 'A page whose button posts to `/verify/confirm`', isPage: true },
      303: {
        description: 'To `redirect_to` with `code`, or with what is wrong with the link',
        headers: redirects('https://app.example.com/welcome?code=019c1f6e-5b0a-4c33-9f0e-3d2f6a1b4c5d'),
      },
    },
    refusals: [invalid],
  },
  [`POST ${base}/verify/confirm`]: {
    summary: 'Press the button of the page that a mail’s link has opened',
    example: { token: '5e'.repeat(32), type: 'magiclink', redirect_to: 'https://app.example.com/welcome' },
    required: ['token', 'type'],
    refusesWithPage: true,
    answers: {
      303: {
        description:
          'To `redirect_to` with a session in the fragment, a `message`, or what is wrong with the link',
        headers: redirects(
          'https://app.example.com/welcome#access_token=…&refresh_token=…&type=magiclink&sb=',
        ),
      },
    },
    refusals: [invalid, 'access_denied'],
  },
}

function redirects(example: string) {
  return {
    Location: {
      description:
        'What is wrong is told as `error`, `error_code` and `error_description` in the fragment, and of a link with a challenge in the ' +
        'query, too',
      required: true,
      schema: { type: 'string' },
      example,
    },
  }
}

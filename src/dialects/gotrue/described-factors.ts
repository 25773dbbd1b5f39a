import { z } from 'zod'
import type { RouteDescription } from '../../http/openapi/description.ts'
import { EnrolledFactor, Session } from './described-bodies.ts'
import { factor, session } from './described-examples.ts'
import { invalid, noCaller, own } from './described-refusals.ts'
import { byCallers } from './described-ways.ts'
import { refusals } from './errors.ts'
import { base } from './paths.ts'

const { id } = factor

/** Second factors of callers. */
export const factorRoutes: Record<string, RouteDescription> = {
  [`POST ${base}/factors`]: {
    summary: 'Begin an authenticator',
    description: 'It counts once a code of it has been shown. Only `totp` is there as `factor_type`.',
    security: byCallers,
    example: { factor_type: 'totp', friendly_name: 'Phone', issuer: 'Acme' },
    required: ['factor_type'],
    answers: {
      200: {
        description: 'What an app of authenticators takes, shown this once',
        body: EnrolledFactor,
        example: {
          id,
          type: 'totp',
          friendly_name: 'Phone',
          totp: {
            qr_code: '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
            secret: 'JBSWY3DPEHPK3PXP',
            uri: 'otpauth://totp/Acme:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Acme',
          },
        },
      },
    },
    refusals: [
      invalid,
      ...noCaller,
      own(refusals.factorNotShown),
      'second_factor_enabled',
      'factor_name_taken',
      own(refusals.phoneFactor),
      own(refusals.webauthnFactor),
    ],
  },
  [`POST ${base}/factors/:id/challenge`]: {
    summary: 'Ask for a challenge of an authenticator',
    security: byCallers,
    example: { id },
    answers: {
      200: {
        description: 'A challenge, which one session can answer within five minutes',
        body: z.strictObject({
          id: z.guid(),
          type: z.literal('totp'),
          expires_at: z.int().meta({ description: 'Seconds since 1970' }),
        }),
        example: { id: '019c1f6e-8c42-7a90-9e1d-5f3b7c2d1a60', type: 'totp', expires_at: 1_770_129_300 },
      },
    },
    refusals: [...noCaller, 'second_factor_not_pending'],
  },
  [`POST ${base}/factors/:id/verify`]: {
    summary: 'Show a code of an authenticator',
    description:
      'The session is of `aal2` from then on, and has new tokens. The first code makes the authenticator count; then the sessions of ' +
      'the account that have not shown it end.',
    security: byCallers,
    example: { id, challenge_id: '019c1f6e-8c42-7a90-9e1d-5f3b7c2d1a60', code: '110450' },
    required: ['challenge_id', 'code'],
    answers: {
      200: {
        description: 'The session',
        body: Session,
        example: { ...session, user: { ...session.user, factors: [factor] } },
      },
    },
    refusals: [
      invalid,
      ...noCaller,
      'second_factor_not_pending',
      'second_factor_code_invalid',
      'challenge_invalid',
      'second_factor_enabled',
      own(refusals.challengeUnknown),
      own(refusals.factorNotShown),
    ],
  },
  [`DELETE ${base}/factors/:id`]: {
    summary: 'Remove an authenticator',
    security: byCallers,
    example: { id },
    answers: {
      200: { description: 'It is gone', body: z.strictObject({ id: z.string() }), example: { id } },
    },
    refusals: [...noCaller, 'second_factor_not_pending', own(refusals.factorKept)],
  },
}

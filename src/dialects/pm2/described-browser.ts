import { z } from 'zod'
import type { Answer, RouteDescription } from '../../http/openapi/description.ts'
import { thrownBy } from '../../http/openapi/thrown-by.ts'
import { refusals } from './refusals.ts'

const loginCookie = {
  'Set-Cookie': { description: 'The sign-in that was begun, or is over', schema: { type: 'string' } },
}

/** What `authorize.ts` serves. */
export function describedBrowser(
  base: string,
  redirects: (example: string) => NonNullable<Answer['headers']>,
): Record<string, RouteDescription> {
  return {
    [`GET ${base}/authorize`]: {
      summary: 'Sign in in a browser',
      description:
        'Leads to our sign-in page, and from there back to `<redirect_uri>?access_token=<refresh token>&token_type=refresh_token`.',
      example: {
        client_id: '795984050',
        response_type: 'token',
        response_mode: 'query',
        redirect_uri: 'https://app.keymetrics.io',
      },
      refusesWithPage: true,
      answers: {
        302: {
          description: 'To the sign-in page',
          headers: { ...redirects('/ui/l/019c1f6e-5b0a-7c33-9f0e-3d2f6a1b4c5d/sign-in'), ...loginCookie },
        },
      },
      refusals: ['redirect_not_allowed'],
    },
    [`POST ${base}/login`]: {
      summary: 'Sign in on a command line',
      description: 'With the cookie of `/authorize`, and a user name or an e-mail address.',
      example: { username: 'ada', password: 'four words and blanks' },
      security: [{ login: [] }],
      answers: {
        200: {
          description: 'Signed in: ask for the path of the header with the same cookie',
          body: z.strictObject({ msg: z.literal('Signed in. Go on at x-redirect.') }),
          headers: {
            'X-Redirect': {
              description: 'The path that ends the sign-in, with a code that is good once',
              required: true,
              schema: { type: 'string' },
              example: '/api/oauth/authorize/done?code=q4Zs0C7mJ2xT',
            },
          },
        },
      },
      refusals: [...thrownBy.signIn, ...thrownBy.answerChallenge, refusals.secondFactorNeeded],
    },
    [`GET ${base}/authorize/done`]: {
      summary: 'End the sign-in in a browser',
      description: 'With the cookie of `/authorize`.',
      example: { code: 'q4Zs0C7mJ2xT' },
      security: [{ login: [] }],
      refusesWithPage: true,
      answers: {
        302: {
          description: 'To the redirect URI, with the refresh token in the query',
          headers: {
            ...redirects('https://app.keymetrics.io?access_token=zbb5d6vmyfqc&token_type=refresh_token'),
            ...loginCookie,
          },
        },
      },
    },
  }
}

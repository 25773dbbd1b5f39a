import type { Context } from '../../core/context.ts'
import { codeChallengeOf } from '../../core/mailed-sign-in/exchange.ts'
import type { SignInPurpose } from '../../core/mailed-sign-in/find.ts'
import type { MailWish } from '../../core/recovery/mailed-codes.ts'
import { invalid } from './errors.ts'
import { base } from './paths.ts'
import { redirectOf } from './redirect.ts'

/** What begins the secret of a link that ends in a code for the app that knows the verifier. */
const exchangePrefix = 'pkce_'

/** Which mails a type of the wire means. */
export const purposesOf = new Map<string, SignInPurpose[]>([
  // Whoever has no account yet is sent the mail of a sign-in, and may take it for that of a sign-up.
  ['signup', ['sign_up', 'sign_in']],
  ['magiclink', ['sign_in', 'sign_up']],
  ['email', ['sign_up', 'sign_in']],
  ['recovery', ['recovery']],
  ['invite', ['invitation']],
])

interface Asked {
  redirect_to?: string | undefined
  code_challenge?: string | undefined
  code_challenge_method?: string | undefined
}

/** What a mail of that type is to hold: the link to this door, a code, and the challenge of the app that asks. Throws `Refused`. */
export function mailFor(ctx: Context, type: string, asked: Asked): MailWish & { link: string } {
  const challenge = readChallenge(asked)
  const token = challenge === undefined ? '{token}' : `${exchangePrefix}{token}`
  return { link: linkOf(ctx, { token, type, redirectTo: asked.redirect_to }), withCode: true, challenge }
}

/** The link of a mail; `token` comes first, as clients look for it there. */
export function linkOf(
  ctx: Context,
  { token, type, redirectTo }: { token: string; type: string; redirectTo: string | undefined },
): string {
  const rest = new URLSearchParams({ type, redirect_to: redirectOf(ctx, redirectTo) })
  return `${ctx.publicUrl}${base}/verify?token=${token}&${rest}`
}

/** Whether the link was asked for with a challenge, as far as it says. */
export function isExchangeLink(text: string): boolean {
  return text.startsWith(exchangePrefix)
}

/** The secret of a link as it was issued. */
export function readToken(text: string): string {
  return isExchangeLink(text) ? text.slice(exchangePrefix.length) : text
}

/** The challenge of PKCE as the core keeps it; of a plain one, which is the verifier itself, that is made here. */
function readChallenge({
  code_challenge: challenge,
  code_challenge_method: method,
}: Asked): string | undefined {
  if (challenge === undefined && method === undefined) return undefined
  if (challenge === undefined || method === undefined)
    throw invalid('PKCE flow requires code_challenge_method and code_challenge')
  if (challenge.length < 43 || challenge.length > 128)
    throw invalid('code challenge has to be between 43 and 128 characters')
  if (!/^[\w.~-]+$/.test(challenge))
    throw invalid(
      'code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes',
    )
  const read = challengeReaders.get(method.toLowerCase())
  if (!read) throw invalid('Invalid code challenge method')
  return read(challenge)
}

const challengeReaders = new Map<string, (challenge: string) => string>([
  ['s256', (challenge) => challenge],
  ['plain', codeChallengeOf],
])

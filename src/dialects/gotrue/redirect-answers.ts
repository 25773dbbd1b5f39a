import type { Tokens } from '../../core/sessions/tokens.ts'
import type { Row } from './errors.ts'
import { presentSession } from './present.ts'

/** Where a browser is sent with the session, for the app to read from the fragment, which no server gets to see. */
export function withTokens(redirectUri: string, tokens: Tokens, type: string): string {
  const { access_token, expires_at, expires_in, refresh_token, token_type } = presentSession(
    tokens,
    undefined,
  )
  const numbers = { expires_at: String(expires_at), expires_in: String(expires_in) }
  return withFragment(redirectUri, { access_token, ...numbers, refresh_token, token_type, type })
}

/** Where a browser is sent with a code, which the app redeems. */
export function withCode(redirectUri: string, code: string): string {
  return withQuery(redirectUri, { code })
}

/** Where a browser is sent with a sentence for its person, where there is no session yet. */
export function withMessage(
  redirectUri: string,
  message: string,
  { isExchange }: { isExchange: boolean },
): string {
  return withFragment(isExchange ? withQuery(redirectUri, { message }) : redirectUri, { message })
}

/** Where a browser is sent with a refusal, for the app to read; it looks for that of a code in the query, too. */
export function withRefusal(
  redirectUri: string,
  { code, message }: Row,
  { isExchange }: { isExchange: boolean },
): string {
  const refusal = { error: 'access_denied', error_code: code, error_description: message }
  return withFragment(isExchange ? withQuery(redirectUri, refusal) : redirectUri, refusal)
}

/** The empty `sb` tells the client that the fragment is of this protocol. */
function withFragment(redirectUri: string, values: Record<string, string>): string {
  return `${redirectUri}#${new URLSearchParams({ ...values, sb: '' })}`
}

function withQuery(redirectUri: string, values: Record<string, string>): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value)
  return url.href
}

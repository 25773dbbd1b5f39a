import type { Account } from '../../core/accounts/account.ts'
import type { Tokens } from '../../core/sessions/tokens.ts'

/** The token answer of contracts/minbil.md, without its `message`. Times are UTC, to the second. */
export function presentTokens(tokens: Tokens) {
  return {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    expires_in: (tokens.accessExpiresAt - tokens.issuedAt) / 1000,
    expires_at: new Date(tokens.accessExpiresAt).toISOString().replace('.000Z', 'Z'),
    expires_at_unix: tokens.accessExpiresAt / 1000,
    token_type: 'bearer',
  }
}

export function presentUser(account: Account) {
  return {
    id: account.id,
    email: account.email,
    created_at: new Date(account.created_at).toISOString(),
    email_confirmed_at:
      account.email_verified_at === null ? null : new Date(account.email_verified_at).toISOString(),
    role: 'car_owner',
  }
}

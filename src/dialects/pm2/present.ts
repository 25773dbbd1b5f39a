import type { Account } from '../../core/accounts/account.ts'
import { profileText } from '../../core/accounts/profile.ts'
import { isEmailValidAt } from '../../core/accounts/verification.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import type { Tokens } from '../../core/sessions/tokens.ts'

/** The answer of `/token`. The refresh token is the one that was sent: it never changes. */
export function presentTokens({ accessToken, refreshToken, accessExpiresAt }: Tokens) {
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    expire_at: new Date(accessExpiresAt).toISOString(),
    token_type: 'Bearer',
  }
}

/** The answer of `/register`. The document calls the refresh token by one name, its clients by another. */
export function presentRegistered({ account, tokens }: SignedIn) {
  const { accessToken: token, refreshToken, accessExpiresAt } = tokens
  return {
    user: presentUser(account),
    access_token: { token, expire_at: new Date(accessExpiresAt).toISOString(), token_type: 'Bearer' },
    refreshToken: { token: refreshToken },
    refresh_token: { token: refreshToken },
  }
}

export function presentUser(account: Account) {
  return {
    _id: account.id,
    username: account.username ?? account.email,
    email: account.email,
    role: profileText(account, 'role'),
    company: profileText(account, 'company'),
    email_valid: isEmailValidAt(account, 'pm2'),
    authorized_bucket: [],
    created_at: new Date(account.created_at).toISOString(),
  }
}

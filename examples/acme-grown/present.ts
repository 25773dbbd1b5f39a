import type { Tokens } from 'manydoors/dialect'

export function presentTokens({ accessToken, refreshToken, accessExpiresAt, issuedAt }: Tokens) {
  return { accessToken, refreshToken, expiresIn: (accessExpiresAt - issuedAt) / 1000 }
}

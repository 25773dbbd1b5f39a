import type { WireFields } from '../../http/wire-fields.ts'

const bases = ['', '/v1']

/** Where two servers that keep contracts/credebl.md differ. */
export const shadow: WireFields = {
  fields: {
    access_token: 'token',
    refresh_token: 'token',
    refreshToken: 'token',
    sessionToken: 'token',
    twoFactorToken: 'token',
    verificationCode: 'token',
    token: 'token',
    code: 'code',
    id: 'id',
    userId: 'id',
    keycloakUserId: 'id',
    sessionId: 'id',
    sessions: 'id',
    session_state: 'id',
    email: 'name',
    username: 'name',
    password: 'password',
    oldPassword: 'password',
    newPassword: 'password',
    expiresAt: 'time',
    createdAt: 'time',
    expires: 'counter',
    expires_in: 'counter',
    refresh_expires_in: 'counter',
  },
  paths: bases.flatMap((base) => [
    `${base}/auth/{id}/sessions`,
    `${base}/auth/password-reset/{name}`,
    `${base}/users/{name}`,
  ]),
  mails: bases.flatMap((base) => [`${base}/auth/verification-mail`, `${base}/auth/forgot-password`]),
}

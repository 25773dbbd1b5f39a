import type { WireFields } from '../../http/wire-fields.ts'

/** Where two servers that keep contracts/wolfpal.md differ. */
export const shadow: WireFields = {
  fields: {
    access_token: 'token',
    refresh_token: 'token',
    accessTokenHash: 'token',
    token: 'token',
    code: 'code',
    backupCodes: 'token',
    secret: 'totp',
    twoFactorSecret: 'totp',
    qrCode: 'token',
    qrcode: 'token',
    _id: 'id',
    email: 'name',
    username: 'name',
    password: 'password',
    confirmPassword: 'password',
    oldPassword: 'password',
    newPassword: 'password',
    expireAt: 'time',
    createdAt: 'time',
    updatedAt: 'time',
  },
  paths: ['', '/api'].flatMap((base) => [
    `${base}/user/activate-account/{token}`,
    `${base}/user/reset-password/{token}`,
    `${base}/sessions/{id}`,
  ]),
  mails: ['', '/api'].flatMap((base) => [
    `${base}/auth/register`,
    `${base}/user/activate-account/resend`,
    `${base}/user/forgot-password`,
  ]),
}

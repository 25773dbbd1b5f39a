import type { WireFields } from '../../http/wire-fields.ts'

const base = '/api/oauth'

/** Where two servers that keep contracts/pm2.md differ. */
export const shadow: WireFields = {
  fields: {
    access_token: 'token',
    refresh_token: 'token',
    refreshToken: 'token',
    token: 'token',
    otp: 'code',
    _id: 'id',
    username: 'name',
    email: 'name',
    password: 'password',
    expire_at: 'time',
    created_at: 'time',
  },
  paths: [`${base}/valid_email/{token}`, `${base}/reset_password/{token}`, '/ui/l/{id}/sign-in'],
  mails: [`${base}/register`, `${base}/send_email_link`, `${base}/reset_password`],
  addressHeaders: ['x-redirect'],
}

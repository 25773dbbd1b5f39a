import type { WireFields } from '../../http/wire-fields.ts'

const base = '/api/co/auth'

/** Where two servers that keep contracts/minbil.md differ. */
export const shadow: WireFields = {
  fields: {
    access_token: 'token',
    refresh_token: 'token',
    two_factor_token: 'token',
    '__Secure-minbil-refresh': 'token',
    token: 'token',
    code: 'code',
    id: 'id',
    uid: 'id',
    email: 'name',
    password: 'password',
    created_at: 'time',
    email_confirmed_at: 'time',
    expires_at: 'time',
    expires_at_unix: 'time',
    expires_in: 'counter',
  },
  paths: [],
  mails: [`${base}/sign-up`, `${base}/forgot-password`],
}

import type { WireFields } from '../../http/wire-fields.ts'

const base = '/api/v1/auth'

/** Where two servers that keep contracts/vastly.md differ. */
export const shadow: WireFields = {
  fields: {
    token: 'token',
    twoFactorToken: 'token',
    code: 'code',
    id: 'id',
    email: 'name',
    mobile: 'name',
    password: 'password',
    passwordConfirm: 'password',
    createdAt: 'time',
  },
  paths: [],
  mails: [`${base}/register`, `${base}/forgotpass`, `${base}/forgotpass/mobile`],
}

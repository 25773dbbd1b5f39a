const problem = 'This is a problem.'
const brand = 'Example'
const form = 'aGlkZGVu'
const path = '/ui/l/01890000-0000-7000-8000-000000000000'
const token = '0123456789abcdef'

const account = {
  form,
  tab: 'profile',
  who: 'ada@example.com',
  notice: 'Your changes are kept.',
  deletionDue: '6 December 2026',
}

/** What every page is given besides. */
export const siteSample = { name: 'Example', initial: 'E', assets: {} }

/** What each page is rendered with, as an example: every variable that its template may use, beside the texts. */
export const pageSamples = {
  'account-authenticator': {
    ...account,
    since: '29 November 2026',
    secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    groups: 'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ',
    seal: token,
    qr: { size: 21, path: 'M0 0h1v1h-1z' },
    problem,
  },
  'account-new-codes': { ...account, codes: ['abcd-efgh-jkmn'] },
  'account-password': {
    ...account,
    hasPassword: true,
    minLength: 15,
    isStrict: true,
    endsOthers: true,
    problem,
  },
  'account-profile': { ...account, username: 'ada', email: 'ada@example.com' },
  'account-prove': { ...account, next: '/ui/account/email', hasPassword: true, needsCode: true, problem },
  'account-recovery-codes': {
    ...account,
    left: 3,
    isFew: true,
    used: ['29 November 2026 at 06:15 UTC'],
    set: '0',
    problem,
  },
  'account-security': {
    ...account,
    weakness: 'You have no second step.',
    hasPassword: true,
    passwordChanged: '29 November 2026',
    secondStepSince: '29 November 2026',
    codesLeft: 3,
    hasFewCodes: true,
    devices: [
      {
        id: '01890000-0000-7000-8000-000000000000',
        name: 'Firefox on Linux',
        since: '29 November 2026',
        until: '29 December 2026',
        isHere: true,
      },
    ],
  },
  'dev-home': { doors: [{ name: 'example', prefixes: ['/api/auth'] }], base: 'http://localhost:5000' },
  'dev-mailbox': {
    messages: [
      {
        id: '01890000-0000-7000-8000-000000000000',
        at: 0,
        date: '1970-01-01T00:00:00.000Z',
        channel: 'mail',
        to: 'ada@example.com',
        subject: 'Hello',
        text: 'Hello https://example.com',
        html: '<p>Hello</p>',
        links: ['https://example.com'],
      },
    ],
  },
  failure: { text: 'Something went wrong.' },
  'few-recovery-codes': {
    form,
    path,
    brand,
    left: 3,
    next: '/api/oauth/authorize/done?code=0123456789abcdef',
  },
  'forgot-password': { form, email: 'ada@example.com', problem, isLogin: true },
  'forgot-password-done': { isLogin: true },
  'link-invalid': {},
  'recovery-code': { form, path, brand, challenge: token, problem },
  'reset-password': { token, username: 'ada@example.com', minLength: 8, problem },
  'reset-password-done': {},
  'second-factor': { form, path, brand, challenge: token, problem },
  'signed-out': {},
  'sign-in': { form, path, brand, identifier: 'ada@example.com', problem },
  'verify-email': {
    token,
    confirms: 'account',
    email: 'ada@example.com',
    brand,
    username: 'ada',
    time: '29 November 2026 at 06:15 UTC',
    problem,
  },
  'verify-email-done': { confirms: 'address' },
}

export type PageName = keyof typeof pageSamples

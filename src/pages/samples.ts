const problem = 'This is a problem.'
const brand = 'Example'
const form = 'aGlkZGVu'
const path = '/ui/l/01890000-0000-7000-8000-000000000000'
const token = '0123456789abcdef'

const awaited = { form, path, email: 'ada@example.com', minutes: 5, notice: 'It was sent again.', problem }

const account = {
  form,
  tab: 'profile',
  who: 'ada@example.com',
  notice: 'Your changes are kept.',
  deletionDue: '6 December 2026',
}

/** What every page is given besides. */
export const siteSample = {
  name: 'Example',
  initial: 'E',
  assets: {
    'style.css': '/style.css',
    'icon.svg': '/icon.svg',
    'show.js': '/show.js',
    'passkey.js': '/passkey.js',
    'webauthn.js': '/webauthn.js',
  },
}

/** What each page is rendered with, as an example: every variable that its template may use, beside the texts. */
export const pageSamples = {
  'account-profile': { ...account, username: 'ada', email: 'ada@example.com' },
  'account-prove': { ...account, next: '/ui/account/email', hasPassword: true, needsCode: true, problem },
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
  'check-your-mail': { ...awaited },
  'choose-account': {
    form,
    path,
    brand,
    account: '01890000-0000-7000-8000-000000000000',
    who: 'ada@example.com',
    problem,
  },
  'forgot-password': { form, path, email: 'ada@example.com', problem, isLogin: true },
  'forgot-password-done': { ...awaited, isLogin: true },
  'link-invalid': {},
  'reset-password': { token, username: 'ada@example.com', minLength: 8, problem },
  'reset-password-done': {},
  'second-factor': { form, path, brand, challenge: token, problem },
  'signed-out': { appName: brand, appUrl: 'https://example.com', signInPath: '/ui/account' },
  'sign-in': { form, path, brand, identifier: 'ada@example.com', maySignUp: true, problem },
  'sign-up': { form, path, brand, email: 'ada@example.com', field: 'password', minLength: 15, problem },
  'verify-email': {
    token,
    confirms: 'account',
    email: 'ada@example.com',
    brand,
    username: 'ada',
    time: '29 November 2026 at 06:15 UTC',
    problem,
  },
  'verify-email-done': {
    confirms: 'address',
    appName: brand,
    appUrl: 'https://example.com',
    signInPath: '/ui/account',
  },
}

export type PageName = keyof typeof pageSamples

const problem = 'This is a problem.'
const brand = 'Example'
const form = 'aGlkZGVu'
const path = '/ui/l/01890000-0000-7000-8000-000000000000'
const next = { href: '/ui/account', text: 'Go on' }
const token = '0123456789abcdef'

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
  logo: '/ui/assets/0123456789abcdef/logo-1.svg',
  accents: '/ui/assets/0123456789abcdef/accents-1.css',
  helpUrl: 'https://example.com/help',
  privacyUrl: 'https://example.com/privacy',
  termsUrl: 'https://example.com/terms',
  assets: {
    'icon.svg': '/ui/assets/0123456789abcdef/icon.svg',
    'passkey.js': '/ui/assets/0123456789abcdef/passkey.js',
    'show.js': '/ui/assets/0123456789abcdef/show.js',
    'style.css': '/ui/assets/0123456789abcdef/style.css',
    'webauthn.js': '/ui/assets/0123456789abcdef/webauthn.js',
  },
  back: '/ui/account',
  otherLanguage: { code: 'nb', name: 'Norsk' },
}

/** What each page is rendered with, as an example: every variable that its template may use, beside the texts. */
export const pageSamples = {
  'account-data': { ...account },
  'account-delete': { ...account, typed: 'ada', problem },
  'account-profile': { ...account, username: 'ada', email: 'ada@example.com' },
  'account-prove': { ...account, next: '/ui/account/email', hasPassword: true, needsCode: true, problem },
  'dev-home': {
    doors: [{ name: 'minbil', prefixes: ['/api/co/auth'] }],
    example: "curl -X POST 'http://localhost:5000/api/co/auth/sign-up'",
    count: 1,
    newest: '01890000-0000-7000-8000-000000000000',
  },
  'dev-mailbox': {
    count: 1,
    newest: '01890000-0000-7000-8000-000000000000',
    to: 'ada',
    isOpened: true,
    messages: [
      {
        id: '01890000-0000-7000-8000-000000000000',
        href: '/dev/mailbox?id=01890000-0000-7000-8000-000000000000',
        title: 'Hello',
        to: 'ada@example.com',
        date: '1970-01-01T00:00:00.000Z',
        time: '1970-01-01 00:00 UTC',
        isShown: true,
      },
    ],
    shown: {
      id: '01890000-0000-7000-8000-000000000000',
      title: 'Hello',
      to: 'ada@example.com',
      channel: 'mail',
      date: '1970-01-01T00:00:00.000Z',
      time: '1970-01-01 00:00 UTC',
      text: 'Hello https://example.com',
      as: 'html',
      hasHtml: true,
      htmlHref: '/dev/mailbox?id=01890000-0000-7000-8000-000000000000',
      textHref: '/dev/mailbox?id=01890000-0000-7000-8000-000000000000&as=text',
      links: [{ href: 'https://example.com', name: 'Say hello' }],
    },
  },
  failure: { text: 'Something went wrong.', next, requestId: '01890000-0000-7000-8000-000000000000' },
  'forgot-password': { form, email: 'ada@example.com', problem, isLogin: true },
  'forgot-password-done': { isLogin: true },
  'link-invalid': { next },
  'reset-password': { token, username: 'ada@example.com', minLength: 8, isStrict: true, problem },
  'reset-password-done': { next },
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
  'verify-email-done': { confirms: 'address', next },
}

export type PageName = keyof typeof pageSamples

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

/** What every page is given besides, with the paths of what it may load. */
export const siteSample = {
  name: 'Example',
  initial: 'E',
  logo: '/ui/assets/0123456789abcdef/logo-1.svg',
  accents: '/ui/assets/0123456789abcdef/accents-1.css',
  helpUrl: 'https://example.com/help',
  privacyUrl: 'https://example.com/privacy',
  termsUrl: 'https://example.com/terms',
  back: '/ui/account',
  otherLanguage: { code: 'nb', name: 'Norsk' },
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

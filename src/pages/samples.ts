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

/** What the script of passkeys is given. */
const passkey = '{"kind":"sign-in","options":{}}'

/** What the part of a page with the passkeys of an account is given. */
const passkeys = {
  passkeys: [
    {
      id: 'MDEyMzQ1Njc4OWFiY2RlZg',
      name: 'iPhone · iCloud Keychain',
      isSynced: true,
      isSuspected: false,
      isElsewhere: false,
      added: '29 November 2026',
      lastUsed: '30 November 2026',
      madeBy: 'Safari, iOS',
    },
  ],
  knownPasskeys: '{"rpId":"example.com"}',
  canAddPasskey: true,
}

/** What every page is given besides. */
export const siteSample = { name: 'Example', initial: 'E', assets: {} }

/** What each page is rendered with, as an example: every variable that its template may use, beside the texts. */
export const pageSamples = {
  'account-passkey-new': { ...account, passkey, rpId: 'example.com', problem },
  'account-passkey-offer': { ...account, next: '/ui/account' },
  'account-passkeys': { ...account, ...passkeys, problem },
  'account-profile': { ...account, username: 'ada', email: 'ada@example.com' },
  'account-prove': {
    ...account,
    next: '/ui/account/email',
    hasPassword: true,
    needsCode: true,
    passkey,
    problem,
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
  'forgot-password': { form, email: 'ada@example.com', problem, isLogin: true },
  'forgot-password-done': { isLogin: true },
  'link-invalid': {},
  'reset-password': { token, username: 'ada@example.com', minLength: 8, problem },
  'reset-password-done': {},
  'second-factor': { form, path, brand, challenge: token, passkey, problem },
  'signed-out': {},
  'sign-in': { form, path, brand, identifier: 'ada@example.com', passkey, problem },
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

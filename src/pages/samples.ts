const problem = 'This is a problem.'
const brand = 'Example'
const form = 'aGlkZGVu'
const path = '/ui/l/01890000-0000-7000-8000-000000000000'
const next = { href: '/ui/account', text: 'Go on' }
const token = '0123456789abcdef'

const awaited = { form, path, email: 'ada@example.com', minutes: 5, notice: 'It was sent again.', problem }

const account = {
  form,
  tab: 'profile',
  hasApps: true,
  who: 'ada@example.com',
  notice: 'Your changes are kept.',
  deletionDue: '6 December 2026',
}

const time = { iso: '2026-11-29T06:15:00.000Z', text: '2 hours ago', title: '29 November 2026 at 06:15 UTC' }
const ip = '192.0.2.1'
const device = {
  id: '01890000-0000-7000-8000-000000000000',
  name: 'Firefox on Windows',
  signOut: 'Sign out Firefox on Windows',
  app: brand,
  ip,
  lastUsed: time,
  since: time,
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

/** What every page is given besides, but for the paths of what it may load. */
/** What every page is given besides, with the paths of what it may load. */
export const siteSample = {
  name: brand,
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
  'account-passkey-new': { ...account, passkey, rpId: 'example.com', next: '/ui/account/security', problem },
  'account-passkey-offer': { ...account, next: '/ui/account' },
  'account-data': { ...account, problem },
  'account-delete': { ...account, typed: 'ada', problem },
  'account-activity': {
    ...account,
    rows: [
      {
        text: 'Signed in',
        time,
        app: brand,
        ip,
        device: 'Firefox on Windows',
        isRefused: true,
        isByService: true,
      },
    ],
    onlyChanges: true,
    older: '/ui/account/activity?before=0.0',
    newest: '/ui/account/activity',
    zone: 'Times are in UTC.',
  },
  'account-apps': {
    ...account,
    apps: [
      {
        client: 'example',
        name: brand,
        allowed: ['See your name'],
        since: '29 November 2026',
        lastUsed: time,
        isAllowed: true,
        withdraw: 'Remove the access of Example',
      },
    ],
  },
  'account-devices': {
    ...account,
    own: device,
    others: [device],
    count: '2 devices',
    more: 'Not shown because they were used longer ago: 1.',
  },
  'account-profile': {
    ...account,
    name: 'Ada Example',
    firstName: 'Ada',
    lastName: 'Example',
    language: 'en',
    timeZone: 'Europe/Oslo',
    languages: [{ code: 'en', name: 'English' }],
    timeZones: ['Europe/Oslo'],
    wrong: 'name',
    username: 'ada',
    email: 'ada@example.com',
    phone: '+4791234567',
    kept: [{ name: 'company', value: 'Example' }],
    problem,
  },
  'account-username': { ...account, username: 'ada', maxLength: 50, problem },
  'account-email': {
    ...account,
    email: 'ada@example.com',
    isProven: true,
    typed: 'ada@example.org',
    pending: 'a…@example.org',
    problem,
  },
  'account-email-confirm': { ...account, email: 'ada@example.org', isForeign: true, problem },
  'account-phone': {
    ...account,
    phone: '+4791234567',
    isProven: true,
    typed: '+4791234568',
    pending: '+4791234568',
    problem,
    wrong: 'phone',
  },
  'account-prove': {
    ...account,
    next: '/ui/account/email',
    hasPassword: true,
    needsCode: true,
    passkey,
    problem,
  },
  'dev-home': {
    accountPage: true,
    base: 'http://localhost:5000',
    doors: [{ name: 'minbil', prefixes: ['/api/co/auth'] }],
    example: "curl -X POST 'http://localhost:5000/api/co/auth/sign-up'",
    count: 1,
    newest: '01890000-0000-7000-8000-000000000000',
  },
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
    ...passkeys,
    wrong: 'MDEyMzQ1Njc4OWFiY2RlZg',
    typed: 'iPhone',
    problem,
  },
  'dev-mailbox': {
    count: 1,
    newest: '01890000-0000-7000-8000-000000000000',
    to: 'ada',
    isOpened: true,
    messages: [
      {
        id: '01890000-0000-7000-8000-000000000000',
        channel: 'mail',
        subject: 'Hello',
        text: 'Hello https://example.com',
        html: '<p>Hello</p>',
        links: ['https://example.com'],
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
  device: { action: '/oidc/device', xsrf: token, userCode: 'BCDF-GHJK', problem },
  'device-confirm': {
    action: '/oidc/device',
    xsrf: token,
    userCode: 'BCDFGHJK',
    shownCode: 'BCDF-GHJK',
    brand,
    device: 'Firefox on Linux',
    ip,
  },
  'device-done': { brand, isRefused: true },
  logout: { action: '/oidc/logout/confirm', xsrf: token, brand },
  'logged-out': { brand, appUrl: 'https://example.com', next },
  failure: {
    text: 'Something went wrong.',
    detail: 'invalid_request',
    next,
    requestId: '01890000-0000-7000-8000-000000000000',
  },
  'forgot-password': { form, path, email: 'ada@example.com', problem, isLogin: true },
  'forgot-password-done': { ...awaited, isLogin: true },
  'link-invalid': { next },
  'reset-password': { token, username: 'ada@example.com', minLength: 8, isStrict: true, problem },
  'reset-password-done': { next },
  'few-recovery-codes': {
    form,
    path,
    brand,
    left: 3,
    next: '/api/oauth/authorize/done?code=0123456789abcdef',
  },
  'recovery-code': { form, path, brand, challenge: token, problem },
  'second-factor': { form, path, brand, challenge: token, passkey, problem },
  'signed-out': { appName: brand, appUrl: 'https://example.com', signInPath: '/ui/account' },
  'sign-in': { form, path, brand, identifier: 'ada@example.com', maySignUp: true, passkey, problem },
  'undo-change': { token, email: 'ada@example.com', problem },
  'check-your-mail': { ...awaited },
  'choose-account': {
    form,
    path,
    brand,
    account: '01890000-0000-7000-8000-000000000000',
    who: 'ada@example.com',
    problem,
  },
  consent: {
    form,
    path: '/ui/authorize/0123456789abcdef',
    brand,
    who: 'ada@example.com',
    wanted: ['See your name'],
    goesTo: 'app.example.com',
    problem,
  },
  'sign-up': {
    form,
    path,
    brand,
    email: 'ada@example.com',
    field: 'password',
    minLength: 15,
    isStrict: true,
    problem,
  },
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

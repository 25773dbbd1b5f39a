const brand = { name: 'Example', logoUrl: 'https://example.com/logo.png' }
const email = 'ada@example.com'
const activityLink = 'https://auth.example.com/ui/account/activity'
const resetLink = 'https://auth.example.com/ui/forgot-password'
const notice = {
  brand,
  email,
  activityLink,
  resetLink,
  time: '29 November 2026 at 06:15 UTC',
  device: 'Firefox, Linux',
  ip: '203.0.113.7',
}
const code = '123456'
const link = 'https://auth.example.com/ui/page?token=0123456789abcdef'

/** What each message is rendered with, as an example: every variable that its templates may use. */
export const messageSamples = {
  'account-exists': { brand, email, activityLink, resetLink },
  'account-taken-over': notice,
  'password-changed': notice,
  'recovery-code-used': notice,
  reauthentication: { brand, email, code, minutes: 15, resetLink },
  'reset-code': { brand, code },
  'reset-password': { brand, email, link, code, minutes: 60 },
  'second-factor-removed': { ...notice, byOperator: true, othersLeft: true },
  'second-factor-set': notice,
  'session-reuse': notice,
  'change-undone': { ...notice, newName: 'a…@example.org' },
  'email-change': { brand, email, link, code },
  'email-change-current': { brand, email, link, code, newName: 'a…@example.org', resetLink },
  'email-changed': { ...notice, newName: 'a…@example.org', link },
  'phone-changed': { ...notice, newName: '+47…67', link },
  'deletion-begun': { ...notice, dueOn: '6 December 2026' },
  'deletion-stopped': notice,
  invitation: { brand, email, link, code },
  'identity-connected': { ...notice, provider: 'Google' },
  'identity-disconnected': { ...notice, provider: 'Google' },
  'new-device': notice,
  'passkey-added': { ...notice, passkey: 'iPhone' },
  'passkey-clone-suspected': { ...notice, passkey: 'YubiKey 5' },
  'passkey-removed': { ...notice, passkey: 'iPhone' },
  'operator-notice': {
    brand,
    email,
    time: notice.time,
    device: notice.device,
    ip: notice.ip,
    what: 'operator-invited',
    consoleLink: 'https://auth.example.com/admin/access',
    invited: 'b…@example.com',
    role: 'owner',
    passkey: 'iPhone',
  },
  'recovery-codes-replaced': notice,
  'sign-in-link': { brand, email, link, code },
  'username-changed': { ...notice, username: 'ada' },
  'verify-email': {
    brand,
    email,
    link,
    code,
    signUp: {
      claimLink: 'https://auth.example.com/ui/verify-email?token=0123456789abcdef',
      time: '29 November 2026 at 06:15 UTC',
      username: 'ada',
    },
  },
}

export type MessageName = keyof typeof messageSamples

/** At most `points` uses of a key in `seconds`. */
export interface LimitRule {
  name: string
  points: number
  seconds: number
}

/** What an operator should know of a rule; docs/limits.md says the same. */
export interface DescribedRule extends LimitRule {
  /** What each count is for. */
  per: string
  /** What empties a count before its time, or what is never counted. */
  clearedBy?: string
  reason: string
}

const minute = 60
const hour = 60 * minute
const day = 24 * hour

type Description = Omit<DescribedRule, keyof LimitRule>

function rule<Name extends string>(
  name: Name,
  points: number,
  seconds: number,
  description: Description,
): DescribedRule & { name: Name } {
  return { name, points, seconds, ...description }
}

/**
 * What may be tried how often. Keys are made of what the caller sent, never of what the database says of it, so
 * that a refusal says nothing of the account.
 */
export const limits = {
  signInPerAccountAndIp: rule('sign-in-account-at-address', 10, 15 * minute, {
    per: 'address and what was typed as the account',
    clearedBy: 'a right password; a new one set at that address',
    reason: 'Wrong passwords for one account, tried from one place.',
  }),
  signInPerAccount: rule('sign-in-account', 20, 30 * day, {
    per: 'what was typed as the account',
    clearedBy: 'a right password; a new one',
    reason:
      'Wrong passwords from all addresses. An account has up to three identifiers (e-mail, user name, phone), so with the next rule at most 3 × (20 + 10) = 90 failures in a row are judged, below the 100 of NIST SP 800-63B-4 §3.2.2. Its end does not stop an address that the account has signed in from.',
  }),
  signInPerAccountAtKnownIps: rule('sign-in-account-at-known-address', 10, 30 * day, {
    per: 'what was typed as the account, all known addresses together',
    clearedBy: 'a right password; a new one',
    reason:
      'Wrong passwords from addresses that the account has signed in from, after strangers have used up the rule above: theirs to make, so a stranger cannot keep the owner out.',
  }),
  firstSignInPerAccountAndIp: rule('sign-in-first-at-address', 5, 30 * day, {
    per: 'address, or /48 of IPv6, and what was typed as the account',
    reason:
      'Wrong passwords from one place, after strangers have used up `sign-in-account`, for an account that was imported, has no known address and has not been signed in to here. It ends with the first sign-in; at other accounts it is counted alike and lets nobody in.',
  }),
  signInPerIp: rule('sign-in-address', 300, 15 * minute, {
    per: 'address',
    clearedBy: 'a right password is not counted',
    reason: 'Wrong passwords for any account: one place tries a common password on everybody.',
  }),
  signInRatePerAccountAndIp: rule('sign-in-rate', 60, minute, {
    per: 'address and what was typed as the account',
    reason:
      'Sign-ins, right ones too: each keeps a core busy, and no person needs as many. It is looked at before the password is.',
  }),
  weakPasswordsPerAccountAndIp: rule('weak-password-account-at-address', 20, hour, {
    per: 'address and whose password it is',
    clearedBy: 'a password that is hard to guess is not counted',
    reason: 'New passwords that are too easy to guess, where that is judged: it takes work.',
  }),
  weakPasswordsPerIp: rule('weak-password-address', 100, hour, {
    per: 'address',
    clearedBy: 'a password that is hard to guess is not counted',
    reason: 'New passwords that are too easy to guess, for any account: one place may own many.',
  }),
  secondFactorPerAccount: rule('second-factor-account', 20, 15 * minute, {
    per: 'account, and account at each known address',
    clearedBy: 'a right code',
    reason:
      'Wrong codes of the second factor. Only one who knows the password gets here; strangers share one count, which does not stop an address that the account has signed in from.',
  }),
  authenticatorPerAccount: rule('authenticator-account', 100, 14 * day, {
    per: 'account, and account at each known address',
    clearedBy: 'a right code of either kind',
    reason:
      'Codes of six digits are guessed in the long run: at most 100 in a row (NIST SP 800-63B-4 §3.2.2).',
  }),
  passkeysPerIp: rule('passkey-address', 60, 15 * minute, {
    per: 'address',
    clearedBy: 'a right passkey is not counted',
    reason:
      'Passkeys that were not right. Nobody guesses a signature, so this is no guard against guessing but against the work of checking.',
  }),
  enrolmentsPerAccount: rule('enrolment-account', 20, hour, {
    per: 'account',
    reason:
      'Each new authenticator secret costs a picture and eleven rows; its owner needs one. New recovery codes count, too.',
  }),
  profilePerAccount: rule('profile-account', 60, hour, {
    per: 'account',
    reason: 'Each change of a name is a row of the audit trail.',
  }),
  waysInPerAccount: rule('way-in-account', 20, hour, {
    per: 'account',
    reason:
      'New user names, passwords and passkeys that an account gives itself: each is a mail, and whoever has opened the account may not be the owner of the mailbox.',
  }),
  exportsPerAccount: rule('export-account', 1, hour, {
    per: 'account',
    reason: 'Everything that is held of a person is read for each copy; nobody needs two at once.',
  }),
  deletionsPerAccount: rule('deletion-account', 5, day, {
    per: 'account',
    clearedBy: 'keeping an account is never refused',
    reason: 'Each deletion that is begun, and each that is stopped, is a mail to the owner.',
  }),
  nameChangesPerAccount: rule('name-change-account', 10, hour, {
    per: 'account',
    reason:
      'New e-mail addresses and numbers that an account asks for: each has a message sent to somebody who may know nothing of it.',
  }),
  loginsPerIp: rule('login-address', 300, 15 * minute, {
    per: 'address',
    reason: 'Sign-ins that an app has sent a browser here for: each is kept until it expires.',
  }),
  authorizationsPerIp: rule('authorize-address', 1200, 15 * minute, {
    per: 'address',
    clearedBy:
      'what apps push or ask for that show a secret or a key is not counted, unless anybody may register apps and they were so',
    reason:
      'What apps send browsers here for by OpenID Connect, the forms of its pages for who is not signed in, and what apps without a secret push or ask a code for: each is kept until it expires.',
  }),
  userCodesPerIp: rule('user-code-address', 20, 15 * minute, {
    per: 'address',
    clearedBy: 'a right code is not counted',
    reason:
      'Wrong codes for devices, of which there are 20^8 (RFC 8628 §5.1): whoever guesses one signs a device of somebody else in to an account of their own.',
  }),
  pollsPerDevice: rule('device-poll', 2, 5, {
    per: 'code of a device',
    reason: 'Devices that ask more often than every five seconds whether they are signed in.',
  }),
  registrationsPerIp: rule('registration-address', 600, hour, {
    per: 'address',
    reason:
      'Clients that register themselves or change what they have said, where a realm lets them: each is kept, and what it names may be fetched.',
  }),
  existenceProbesPerIp: rule('probe-address', 20, hour, {
    per: 'address',
    clearedBy: 'only answers that tell that there is, or is not, such an account are counted',
    reason: 'Where a document has us tell whether an account exists, nobody shall go through a list.',
  }),
  signUpsPerIp: rule('sign-up-address', 60, hour, {
    per: 'address',
    reason: 'Accounts are for people, and an office of them may sign up behind one address.',
  }),
  mailPerIp: rule('mail-address', 60, hour, {
    per: 'address',
    reason: 'Mails that one place may cause, to anybody.',
  }),
  mailPerMailboxAndIp: rule('mail-account-at-address', 5, 15 * minute, {
    per: 'address and mailbox',
    reason: 'Mails that one place may cause to one mailbox.',
  }),
  mailPerMailbox: rule('mail-account', 10, hour, {
    per: 'mailbox',
    reason:
      'Mails to one mailbox that all addresses ask for. Its end does not stop an address that the account has signed in from; and the links that strangers ask for reach the owner, so there is always a way back.',
  }),
  mailPerMailboxAtKnownIps: rule('mail-account-at-known-address', 10, hour, {
    per: 'mailbox, all known addresses together',
    reason:
      'Mails that addresses ask for which the account has signed in from, after strangers have used up the rule above. Whoever has opened the account may not be the owner of the mailbox.',
  }),
  smsPerIp: rule('sms-address', 10, hour, {
    per: 'address',
    reason: 'Text messages cost money: those that one place may cause, to any number.',
  }),
  smsPerNumberAndIp: rule('sms-number-at-address', 3, 15 * minute, {
    per: 'address and number',
    reason: 'Messages that one place may cause to one number.',
  }),
  smsPerNumber: rule('sms-number', 10, hour, {
    per: 'number',
    reason:
      'Messages to one number that all addresses ask for. Its end does not stop an address that the account has signed in from.',
  }),
  smsPerNumberAtKnownIps: rule('sms-number-at-known-address', 10, hour, {
    per: 'number, all known addresses together',
    reason:
      'Messages that addresses ask for which the account has signed in from, after strangers have used up the rule above. Whoever has opened the account may not be the owner of the number.',
  }),
  spareSmsPerNumber: rule('sms-number-spare', 1, 5 * minute, {
    per: 'number',
    reason:
      'Messages to one number after the two rules above are used up. Their codes have twelve digits and are good from everywhere for as long as this takes, so whoever is refused has been sent one that works.',
  }),
  smsPerClient: rule('sms-client', 500, hour, {
    per: 'client',
    reason: 'Messages of one client, so that a broken one does not spend what is for all.',
  }),
  smsPerCountry: rule('sms-country', 1000, hour, {
    per: 'country prefix',
    reason: 'Toll fraud: somebody earns from messages to the numbers of one country.',
  }),
  codesPerIp: rule('code-address', 5, 15 * minute, {
    per: 'address',
    clearedBy: 'a right code is not counted',
    reason:
      'Wrong codes of text messages, which are short. A code that comes with a password that is too easy to guess counts as wrong, where that is judged: it is not looked at.',
  }),
  codesPerNumber: rule('code-account', 30, 14 * day, {
    per: 'number, and number at each known address',
    clearedBy: 'a right code',
    reason:
      'Wrong codes for one number over all its codes. At its end short codes for this number are wrong, but for the five guesses of the address that has asked for one.',
  }),
  shortCodesPerNumber: rule('short-code-account', 5, 14 * day, {
    per: 'number, and number at each known address',
    clearedBy: 'a right code',
    reason:
      'Short codes that were sent and not used, as each can be guessed at. It refuses nothing: at its end codes have twelve digits, which nobody guesses.',
  }),
  mailedCodesPerIp: rule('mailed-code-address', 60, 15 * minute, {
    per: 'address',
    clearedBy: 'a right code is not counted',
    reason:
      'Wrong codes of mails, for any mailbox. The server of an app may type them for all its people, so it is no more than a brake; the next rule guards.',
  }),
  mailedCodesPerMailbox: rule('mailed-code-account', 30, 14 * day, {
    per: 'mailbox, and mailbox at each known address',
    clearedBy: 'a right code',
    reason:
      'Wrong codes for one mailbox over all its codes, of which each is dead after five, so that nobody gets more guesses by having more mails sent. At its end codes for this mailbox are wrong; the links beside them are good.',
  }),
  invalidTokensPerIp: rule('ticket-address', 60, 15 * minute, {
    per: 'address',
    clearedBy: 'a good one is never counted nor refused',
    reason:
      'Links, challenges and one-time codes that were not good. They have 256 bits, so this is no guard against guessing but against noise.',
  }),
  invalidRefreshesPerIp: rule('refresh-address', 300, 15 * minute, {
    per: 'address',
    clearedBy: 'a good one is never counted nor refused',
    reason:
      'Refresh tokens and session handles that were not good: clients in a loop, more often than thieves.',
  }),
  adminPerIp: rule('admin-address', 300, minute, {
    per: 'address',
    reason:
      'Pages of the console and requests to its API: a page of a list costs a few milliseconds, and a script in a loop shall not take them from people who sign in.',
  }),
  adminTokensPerIp: rule('admin-token-address', 20, 15 * minute, {
    per: 'address',
    clearedBy: 'a good one is never counted nor refused',
    reason:
      'Tokens of the API of operators that were not good. They have 256 bits, so this is no guard against guessing but against noise.',
  }),
}

/** The name of a rule, by which other languages have their words for it. */
export type LimitName = (typeof limits)[keyof typeof limits]['name']

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

/**
 * What may be tried how often. Keys are made of what the caller sent, never of what the database says of it, so
 * that a refusal says nothing of the account.
 */
export const limits = {
  signInPerAccountAndIp: {
    name: 'sign-in-account-at-address',
    points: 10,
    seconds: 15 * minute,
    per: 'address and what was typed as the account',
    clearedBy: 'a right password; a new one set at that address',
    reason: 'Wrong passwords for one account, tried from one place.',
  },
  signInPerAccount: {
    name: 'sign-in-account',
    points: 20,
    seconds: 30 * day,
    per: 'what was typed as the account',
    clearedBy: 'a right password; a new one',
    reason:
      'Wrong passwords from all addresses. An account has up to three identifiers (e-mail, user name, phone), so with the next rule at most 3 × (20 + 10) = 90 failures in a row are judged, below the 100 of NIST SP 800-63B-4 §3.2.2. Its end does not stop an address that the account has signed in from.',
  },
  signInPerAccountAtKnownIps: {
    name: 'sign-in-account-at-known-address',
    points: 10,
    seconds: 30 * day,
    per: 'what was typed as the account, all known addresses together',
    clearedBy: 'a right password; a new one',
    reason:
      'Wrong passwords from addresses that the account has signed in from, after strangers have used up the rule above: theirs to make, so a stranger cannot keep the owner out.',
  },
  signInPerIp: {
    name: 'sign-in-address',
    points: 300,
    seconds: 15 * minute,
    per: 'address',
    clearedBy: 'a right password is not counted',
    reason: 'Wrong passwords for any account: one place tries a common password on everybody.',
  },
  signInRatePerAccountAndIp: {
    name: 'sign-in-rate',
    points: 60,
    seconds: minute,
    per: 'address and what was typed as the account',
    reason:
      'Sign-ins, right ones too: each keeps a core busy, and no person needs as many. It is looked at before the password is.',
  },
  weakPasswordsPerAccountAndIp: {
    name: 'weak-password-account-at-address',
    points: 20,
    seconds: hour,
    per: 'address and whose password it is',
    clearedBy: 'a password that is hard to guess is not counted',
    reason: 'New passwords that are too easy to guess, where that is judged: it takes work.',
  },
  weakPasswordsPerIp: {
    name: 'weak-password-address',
    points: 100,
    seconds: hour,
    per: 'address',
    clearedBy: 'a password that is hard to guess is not counted',
    reason: 'New passwords that are too easy to guess, for any account: one place may own many.',
  },
  secondFactorPerAccount: {
    name: 'second-factor-account',
    points: 20,
    seconds: 15 * minute,
    per: 'account, and account at each known address',
    clearedBy: 'a right code',
    reason:
      'Wrong codes of the second factor. Only one who knows the password gets here; strangers share one count, which does not stop an address that the account has signed in from.',
  },
  authenticatorPerAccount: {
    name: 'authenticator-account',
    points: 100,
    seconds: 14 * day,
    per: 'account, and account at each known address',
    clearedBy: 'a right code of either kind',
    reason:
      'Codes of six digits are guessed in the long run: at most 100 in a row (NIST SP 800-63B-4 §3.2.2).',
  },
  enrolmentsPerAccount: {
    name: 'enrolment-account',
    points: 20,
    seconds: hour,
    per: 'account',
    reason: 'Each new authenticator secret costs a picture and eleven rows; its owner needs one.',
  },
  profilePerAccount: {
    name: 'profile-account',
    points: 60,
    seconds: hour,
    per: 'account',
    reason: 'Each change of a name is a row of the audit trail.',
  },
  loginsPerIp: {
    name: 'login-address',
    points: 300,
    seconds: 15 * minute,
    per: 'address',
    reason: 'Sign-ins that an app has sent a browser here for: each is kept until it expires.',
  },
  existenceProbesPerIp: {
    name: 'probe-address',
    points: 20,
    seconds: hour,
    per: 'address',
    clearedBy: 'only answers that tell that there is, or is not, such an account are counted',
    reason: 'Where a document has us tell whether an account exists, nobody shall go through a list.',
  },
  signUpsPerIp: {
    name: 'sign-up-address',
    points: 60,
    seconds: hour,
    per: 'address',
    reason: 'Accounts are for people, and an office of them may sign up behind one address.',
  },
  mailPerIp: {
    name: 'mail-address',
    points: 60,
    seconds: hour,
    per: 'address',
    reason: 'Mails that one place may cause, to anybody.',
  },
  mailPerMailboxAndIp: {
    name: 'mail-account-at-address',
    points: 5,
    seconds: 15 * minute,
    per: 'address and mailbox',
    reason: 'Mails that one place may cause to one mailbox.',
  },
  mailPerMailbox: {
    name: 'mail-account',
    points: 10,
    seconds: hour,
    per: 'mailbox',
    reason:
      'Mails to one mailbox that all addresses ask for. Its end does not stop an address that the account has signed in from; and the links that strangers ask for reach the owner, so there is always a way back.',
  },
  mailPerMailboxAtKnownIps: {
    name: 'mail-account-at-known-address',
    points: 10,
    seconds: hour,
    per: 'mailbox, all known addresses together',
    reason:
      'Mails that addresses ask for which the account has signed in from, after strangers have used up the rule above. Whoever has opened the account may not be the owner of the mailbox.',
  },
  smsPerIp: {
    name: 'sms-address',
    points: 10,
    seconds: hour,
    per: 'address',
    reason: 'Text messages cost money: those that one place may cause, to any number.',
  },
  smsPerNumberAndIp: {
    name: 'sms-number-at-address',
    points: 3,
    seconds: 15 * minute,
    per: 'address and number',
    reason: 'Messages that one place may cause to one number.',
  },
  smsPerNumber: {
    name: 'sms-number',
    points: 10,
    seconds: hour,
    per: 'number',
    reason:
      'Messages to one number that all addresses ask for. Its end does not stop an address that the account has signed in from.',
  },
  smsPerNumberAtKnownIps: {
    name: 'sms-number-at-known-address',
    points: 10,
    seconds: hour,
    per: 'number, all known addresses together',
    reason:
      'Messages that addresses ask for which the account has signed in from, after strangers have used up the rule above. Whoever has opened the account may not be the owner of the number.',
  },
  spareSmsPerNumber: {
    name: 'sms-number-spare',
    points: 1,
    seconds: 5 * minute,
    per: 'number',
    reason:
      'Messages to one number after the two rules above are used up. Their codes have twelve digits and are good from everywhere for as long as this takes, so whoever is refused has been sent one that works.',
  },
  smsPerClient: {
    name: 'sms-client',
    points: 500,
    seconds: hour,
    per: 'client',
    reason: 'Messages of one client, so that a broken one does not spend what is for all.',
  },
  smsPerCountry: {
    name: 'sms-country',
    points: 1000,
    seconds: hour,
    per: 'country prefix',
    reason: 'Toll fraud: somebody earns from messages to the numbers of one country.',
  },
  codesPerIp: {
    name: 'code-address',
    points: 5,
    seconds: 15 * minute,
    per: 'address',
    clearedBy: 'a right code is not counted',
    reason:
      'Wrong codes of text messages, which are short. A code that comes with a password that is too easy to guess counts as wrong, where that is judged: it is not looked at.',
  },
  codesPerNumber: {
    name: 'code-account',
    points: 30,
    seconds: 14 * day,
    per: 'number, and number at each known address',
    clearedBy: 'a right code',
    reason:
      'Wrong codes for one number over all its codes. At its end short codes for this number are wrong, but for the five guesses of the address that has asked for one.',
  },
  shortCodesPerNumber: {
    name: 'short-code-account',
    points: 5,
    seconds: 14 * day,
    per: 'number, and number at each known address',
    clearedBy: 'a right code',
    reason:
      'Short codes that were sent and not used, as each can be guessed at. It refuses nothing: at its end codes have twelve digits, which nobody guesses.',
  },
  invalidTokensPerIp: {
    name: 'ticket-address',
    points: 60,
    seconds: 15 * minute,
    per: 'address',
    clearedBy: 'a good one is never counted nor refused',
    reason:
      'Links, challenges and one-time codes that were not good. They have 256 bits, so this is no guard against guessing but against noise.',
  },
  invalidRefreshesPerIp: {
    name: 'refresh-address',
    points: 300,
    seconds: 15 * minute,
    per: 'address',
    clearedBy: 'a good one is never counted nor refused',
    reason:
      'Refresh tokens and session handles that were not good: clients in a loop, more often than thieves.',
  },
} satisfies Record<string, DescribedRule>

/** At most `points` uses of a key in `seconds`. */
export interface LimitRule {
  name: string
  points: number
  seconds: number
}

/**
 * What may be tried how often. Keys are made of what the caller sent, never of what the database says of it, so
 * that a refusal says nothing of the account.
 */
export const limits = {
  /** Wrong passwords for one account from one address; a right or a new one clears the count. */
  signInAccountAtAddress: { name: 'sign-in-account-at-address', points: 10, seconds: 15 * 60 },
  /** Such from all addresses; one that the account has signed in from is not held to it. Cleared likewise. */
  signInAccount: { name: 'sign-in-account', points: 100, seconds: 24 * 60 * 60 },
  /** Wrong passwords for any account from one address; a right one is not counted. */
  signInAddress: { name: 'sign-in-address', points: 300, seconds: 15 * 60 },
  /**
   * Codes of the second factor for one account, from addresses that it has never signed in from together, and from
   * each other one; a right one clears the count. Only one who knows the password gets here.
   */
  secondFactorAccount: { name: 'second-factor-account', points: 20, seconds: 15 * 60 },
  /** Codes of one account's authenticator, which are short, counted alike; a right code of either kind clears it. */
  authenticatorAccount: { name: 'authenticator-account', points: 100, seconds: 14 * 24 * 60 * 60 },
  /** Sign-ins from one address that an app has sent a browser here for. */
  loginAddress: { name: 'login-address', points: 300, seconds: 15 * 60 },
  /** Questions from one address whose answer tells that there is, or is not, such an account. */
  probeAddress: { name: 'probe-address', points: 20, seconds: 60 * 60 },
  signUpAddress: { name: 'sign-up-address', points: 60, seconds: 60 * 60 },
  /** Mails that one address may cause. */
  mailAddress: { name: 'mail-address', points: 60, seconds: 60 * 60 },
  /** Mails that one address may cause to one mailbox. */
  mailAccountAtAddress: { name: 'mail-account-at-address', points: 5, seconds: 15 * 60 },
  /** Mails to one mailbox that all addresses ask for; one that its account has signed in from is not held to it. */
  mailAccount: { name: 'mail-account', points: 10, seconds: 60 * 60 },
  /** Messages that one address may cause. */
  smsAddress: { name: 'sms-address', points: 10, seconds: 60 * 60 },
  /** Messages that one address may cause to one number. */
  smsNumberAtAddress: { name: 'sms-number-at-address', points: 3, seconds: 15 * 60 },
  /** Messages to one number that all addresses ask for; one that its account has signed in from is not held to it. */
  smsNumber: { name: 'sms-number', points: 10, seconds: 60 * 60 },
  /** Messages of one client. */
  smsClient: { name: 'sms-client', points: 500, seconds: 60 * 60 },
  /** Messages to one country, against toll fraud. */
  smsCountry: { name: 'sms-country', points: 1000, seconds: 60 * 60 },
  /** Wrong codes from one address; a right one is not counted (contracts/vastly.md). */
  codeAddress: { name: 'code-address', points: 5, seconds: 15 * 60 },
  /** Tickets that were not good, from one address. */
  ticketAddress: { name: 'ticket-address', points: 60, seconds: 15 * 60 },
  /** Refresh tokens that were not good, from one address. */
  refreshAddress: { name: 'refresh-address', points: 300, seconds: 15 * 60 },
} satisfies Record<string, LimitRule>

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
  /** Wrong passwords for one account from one address; a right one clears the count. */
  signInAccount: { name: 'sign-in-account', points: 10, seconds: 15 * 60 },
  /** Sign-ins of any account from one address. */
  signInAddress: { name: 'sign-in-address', points: 300, seconds: 15 * 60 },
  /** Codes of the second factor for one account; a right one clears the count. Only one who knows the password gets here. */
  secondFactorAccount: { name: 'second-factor-account', points: 20, seconds: 15 * 60 },
  signUpAddress: { name: 'sign-up-address', points: 60, seconds: 60 * 60 },
  /** Mails that one address may cause. */
  mailAddress: { name: 'mail-address', points: 60, seconds: 60 * 60 },
  /** Mails that one mailbox may be sent on a stranger's request. */
  mailAccount: { name: 'mail-account', points: 5, seconds: 15 * 60 },
  /** Messages that one address may cause. */
  smsAddress: { name: 'sms-address', points: 10, seconds: 60 * 60 },
  /** Messages to one number. */
  smsNumber: { name: 'sms-number', points: 3, seconds: 15 * 60 },
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

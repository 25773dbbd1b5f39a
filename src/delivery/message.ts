/** A mail, ready to be sent. */
export interface Mail {
  /** Does not change between attempts, so that a mailbox can tell a repetition. */
  id: string
  /** The sender, where it is not the default one. */
  from?: string
  to: string
  subject: string
  text: string
  html: string
}

/** A text message to a phone. */
export interface Sms {
  id: string
  /** E.164. */
  to: string
  text: string
}

/** No further attempt will bring this message through. */
export class Undeliverable extends Error {}

/** The other side has refused, and will hardly change its mind: few further attempts are worth while. */
export class Refused extends Error {}

/** Where messages go. Throws `Undeliverable` never to try again, `Refused` to try rarely, anything else to try again. */
export interface Transports {
  sendMail(mail: Mail): Promise<void>
  sendSms(sms: Sms): Promise<void>
}

/** A mail, ready to be sent. */
export interface Message {
  /** The same for every attempt, so that a mailbox can tell a repetition. */
  id: string
  to: string
  subject: string
  text: string
  html: string
}

/** Hands a message over; throws when that failed and should be tried again. */
export type Transport = (message: Message) => Promise<void>

import { InvalidArgumentError } from 'commander'
import { readEmail } from '../../core/accounts/emails.ts'

/** Reads an e-mail address as people type it, in the form in which mails are sent to it. */
export function readEmailArgument(text: string): string {
  const email = readEmail(text)
  if (email === undefined) throw new InvalidArgumentError('It must be an e-mail address.')
  return email
}

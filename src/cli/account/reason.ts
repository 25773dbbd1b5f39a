import { InvalidArgumentError } from 'commander'
import { lineField } from '../../http/fields.ts'

const maxLength = 200

/** Why an operator does something to an account, for the audit trail. Refuses more than one line, or 200 characters. */
export function readReason(text: string): string {
  const message = `It must be 1 to ${maxLength} characters on one line.`
  const { data, error } = lineField({ min: 1, max: maxLength, message }).safeParse(text)
  if (error) throw new InvalidArgumentError(message)
  return data
}

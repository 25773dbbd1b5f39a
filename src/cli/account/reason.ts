import { InvalidArgumentError, Option } from 'commander'
import { lineField } from '../../http/fields.ts'

const maxLength = 200

/** Why an operator does something to an account, for the audit trail. Refuses more than one line, or 200 characters. */
export function readReason(text: string): string {
  const message = `It must be 1 to ${maxLength} characters on one line.`
  const { data, error } = lineField({ min: 1, max: maxLength, message }).safeParse(text)
  if (error) throw new InvalidArgumentError(message)
  return data
}

/** `--reason`, where a server wants one of whoever is not on its node. */
export function reasonOption(needed = 'needed with --server'): Option {
  return new Option('--reason <text>', `why, for the audit trail; ${needed}`).argParser(readReason)
}

import { maxDescriptionLength, maxWebhooks } from '../../core/webhooks/endpoints.ts'
import { fillIn } from '../../lib/fill-in.ts'

/** A block holds no longer than this, in hours. */
export const maxBlockHours = 30 * 24

/** The numbers that sentences have in braces. */
export const fieldBounds = { maxBlockHours, maxDescriptionLength, maxWebhooks }

const sentences = {
  reason: 'It must be 1 to 200 characters on one line.',
  nul: 'It must not hold a NUL character.',
  flag: 'It must be true or false.',
  email: 'It must be an e-mail address.',
  phone: 'It must be a phone number with its country, such as +47.',
  username: 'A user name has 2 to 50 visible characters, no @, and does not read like a number or an id.',
  firstName: 'Give an e-mail address or a phone number: a first password is chosen by these.',
  time: 'It must be a time in ISO 8601.',
  lookUp: 'Type an account or an IP address.',
  range: 'Type an IP address or a range.',
  blockHours: 'It must be a whole number of hours from 1 to {maxBlockHours}.',
  name: 'It must be 1 to 80 characters on one line.',
  tokenScopes: 'Choose one at least.',
  tokenDays: 'It must be a whole number of days from 1 to 365.',
  clientName: 'A name has 1 to 100 characters on one line.',
  clientOverlap: 'It must be 0 to 2160 hours.',
  webhookTypes: 'Name a type of event at least, or * for all.',
  webhookUnknownType: 'There is no such type of event: look at the list below the field.',
  webhookUrl: 'It must be an https:// address without a password and a fragment.',
  webhookUrlInsecure:
    'It must begin with https://, as this realm does not have webhooks.allowPrivateAddresses.',
  webhookDescription: 'It must be at most {maxDescriptionLength} characters.',
  webhookTooMany: 'A realm has at most {maxWebhooks} webhooks.',
}

/** By which other languages have their words for it. */
export type FieldRule = keyof typeof sentences

/** What is said beside a field that is wrong. */
export const fieldRules = Object.fromEntries(
  Object.entries(sentences).map(([rule, sentence]) => [rule, fillIn(sentence, fieldBounds)]),
) as Record<FieldRule, string>

/** The rule that says this; `undefined` for a sentence that is not of ours. */
export function ruleThatSays(message: string): FieldRule | undefined {
  return (Object.keys(fieldRules) as FieldRule[]).find((rule) => fieldRules[rule] === message)
}

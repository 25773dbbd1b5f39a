import { z } from 'zod'
import { readEmail } from '../core/accounts/emails.ts'
import { isSeen } from '../lib/unseen.ts'
import { isNoToken } from './bearer.ts'

/** An optional field, where `null` and an empty form field mean that it is absent. */
export function optional<T extends z.ZodType>(field: T) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), field.optional())
}

/** An optional secret, where what clients send that have none yet means that it is absent. */
export function optionalToken(message: string) {
  return z.preprocess((value) => (isNoToken(value) ? undefined : value), optional(z.string(message)))
}

/** Text that must be there; `null` and empty text count as missing, and any other value is refused as no text. */
export function requiredText({ missing, notText }: { missing: string; notText: string }) {
  const isMissing = (input: unknown) => input === undefined || input === null
  return z.string({ error: ({ input }) => (isMissing(input) ? missing : notText) }).min(1, missing)
}

/** What a JSON Schema says of an e-mail address. */
export const emailForm = { type: 'string', format: 'email', maxLength: 254 } as const

/**
 * Text that is taken as `read` reads it. `message` refuses that of which it reads nothing, and what is no text, too, unless
 * `notText` does.
 */
export function readField<T>(read: (typed: string) => T | undefined, message: string, notText = message) {
  return z.string(notText).transform((typed, issues): T => {
    const value = read(typed)
    if (value !== undefined) return value
    issues.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

/** An e-mail address as people type it, read as `readEmail` says. */
export function emailField(message: string) {
  return readField(readEmail, message).meta(emailForm)
}

/**
 * Text for people to read, on one line, with something to see in it: no control characters, and none that turn the
 * direction of writing. Joiners are letters' and pictures' own.
 */
export function lineField({ min, max, message }: { min: number; max: number; message: string }) {
  return z
    .string(message)
    .trim()
    .min(min, message)
    .max(max, message)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u, message)
    .refine(isSeen, message)
    .meta({ pattern: linePattern() })
}

/** The characters of a line, but for these others, as readers of JSON Schemas understand it that know no classes. */
export function linePattern(others = ''): string {
  return `^[^${others}\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]*$`
}

const booleans = new Map<unknown, boolean>([
  ['true', true],
  ['false', false],
  [1, true],
  [0, false],
  ['1', true],
  ['0', false],
])

/** `true` and `false`, also as a form sends them, and as languages that have no such values do. */
export function booleanField(message: string) {
  return z
    .preprocess((value) => booleans.get(value) ?? value, z.boolean(message))
    .meta({ type: undefined, enum: [true, false, ...booleans.keys()] })
}

const uuid = z.guid()

/** Whether it has the form of our ids. */
export function isUuid(value: unknown): boolean {
  return uuid.safeParse(value).success
}

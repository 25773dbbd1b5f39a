import { z } from 'zod'
import { readEmail } from '../core/emails.ts'
import { isSeen } from '../lib/unseen.ts'

/** An optional field, where `null` and an empty form field mean that it is absent. */
export function optional<T extends z.ZodType>(field: T) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), field.optional())
}

/** An e-mail address as people type it, read as `readEmail` says. */
export function emailField(message: string) {
  return z.string(message).transform((typed, issues) => {
    const email = readEmail(typed)
    if (email === undefined) issues.addIssue({ code: 'custom', message })
    return email ?? z.NEVER
  })
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
}

/** `true` and `false`, also as a form sends them. */
export function booleanField(message: string) {
  return z.preprocess(
    (value) => (value === 'true' ? true : value === 'false' ? false : value),
    z.boolean(message),
  )
}

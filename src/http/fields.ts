import { z } from 'zod'

/** An optional field, where `null` and an empty form field mean that it is absent. */
export function optional<T extends z.ZodType>(field: T) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), field.optional())
}

const longestEmail = 254

/** An e-mail address, without the blanks around it. */
export function emailField(message: string) {
  return z.string(message).trim().max(longestEmail, message).pipe(z.email(message))
}

/** Whether it is an address that a mail can be sent to. */
export function isEmail(value: unknown): value is string {
  return emailField('').safeParse(value).success
}

/** Text for people to read, on one line: no control characters, and none that turn the direction of writing. */
export function lineField({ min, max, message }: { min: number; max: number; message: string }) {
  return z
    .string(message)
    .trim()
    .min(min, message)
    .max(max, message)
    .regex(/^[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]*$/u, message)
}

/** `true` and `false`, also as a form sends them. */
export function booleanField(message: string) {
  return z.preprocess(
    (value) => (value === 'true' ? true : value === 'false' ? false : value),
    z.boolean(message),
  )
}

import { z } from 'zod'
import { usernameProblem } from '../../core/accounts/usernames.ts'
import { isSamePassword } from '../../core/passwords/forms.ts'
import { emailField, emailForm, requiredText } from '../../http/fields.ts'

const text = requiredText({ missing: 'REQUIRED', notText: 'INVALID' })
const email = text.pipe(emailField('INVALID')).meta(emailForm)
const username = text
  .min(3, 'NOT_LONG_ENOUGH')
  .max(28, 'TOO_LONG')
  .regex(/^[a-zA-Z\d]*$/, 'INVALID_CHARACTERS')
  .refine((name) => usernameProblem(name) === undefined, 'INVALID')

export const Register = z.object({ username, email, password: text })
export const Login = z.object({ email, password: text })
/** The table of the document writes these with a capital, its sample without. */
export const TwoFactor = renamed({ Token: 'token', Code: 'code' }, z.object({ token: text, code: text }))
export const Refresh = z.object({ refresh_token: text })
/** Not in the document, where the access token alone signs out. */
export const Logout = z.object({ refresh_token: z.string().optional().catch(undefined) })
export const Email = z.object({ email })
export const Code = z.object({ code: text })
/** In the query, as the document has it, or in the body, which no log of a proxy keeps. */
export const CodeInEither = z.object({ code: absentOr(text) })
export const PasswordChange = z.object({ oldPassword: text, newPassword: text, code: absentOr(text) })
/** The original's clients misspell the second. */
export const NewPassword = renamed(
  { comfirmPassword: 'confirmPassword' },
  z
    .object({ password: text, confirmPassword: text })
    .refine(({ password, confirmPassword }) => isSamePassword(password, confirmPassword), {
      error: 'NO_MATCH',
      path: ['confirmPassword'],
    }),
)

function absentOr<T extends z.ZodType>(field: T) {
  return z.preprocess((value) => value ?? undefined, field.optional())
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/**
 * Reads fields that clients know by another name too; the right name wins. An error of a field stands under the
 * name that was sent, as clients look for it there.
 */
function renamed<T extends z.ZodType>(aliases: Record<string, string>, schema: T) {
  return z.preprocess((given, issues) => {
    const fields: Record<PropertyKey, unknown> = { ...(given as object) }
    const sent = new Map<PropertyKey, string>()
    for (const [alias, name] of Object.entries(aliases)) {
      if (!isAbsent(fields[name]) || !(alias in fields)) continue
      fields[name] = fields[alias]
      sent.set(name, alias)
    }
    for (const { message, path } of schema.safeParse(fields).error?.issues ?? []) {
      const named = path.map((step) => sent.get(step) ?? step)
      issues.addIssue({ code: 'custom', message, path: named })
    }
    return fields
  }, schema)
}

import { z } from 'zod'
import { looksLikeAnotherKind } from '../../core/usernames.ts'
import { emailField } from '../../http/fields.ts'

const text = z.string({ error: ({ input }) => (isAbsent(input) ? 'REQUIRED' : 'INVALID') }).min(1, 'REQUIRED')
const email = text.pipe(emailField('INVALID'))
const username = text
  .min(3, 'NOT_LONG_ENOUGH')
  .max(28, 'TOO_LONG')
  .regex(/^[a-z\d]*$/i, 'INVALID_CHARACTERS')
  .refine((name) => !looksLikeAnotherKind(name), 'INVALID')

export const Register = z.object({ username, email, password: text })
export const Login = z.object({ email, password: text })
/** The table of the document writes these with a capital, its sample without. */
export const TwoFactor = renamed({ Token: 'token', Code: 'code' }, z.object({ token: text, code: text }))
export const Refresh = z.object({ refresh_token: text })
/** Not in the document, where the access token alone signs out. */
export const Logout = z.object({ refresh_token: z.string().optional().catch(undefined) })
export const Email = z.object({ email })
export const Code = z.object({ code: text })
export const PasswordChange = z.object({ oldPassword: text, newPassword: text })
/** The original's clients misspell the second. */
export const NewPassword = renamed(
  { comfirmPassword: 'confirmPassword' },
  z
    .object({ password: text, confirmPassword: text })
    .refine(({ password, confirmPassword }) => password === confirmPassword, {
      error: 'NO_MATCH',
      path: ['confirmPassword'],
    }),
)

const uuid = z.guid()

export function isUuid(value: string): boolean {
  return uuid.safeParse(value).success
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/**
 * Reads fields that clients know by another name too; the right name wins. What is wrong with a field is told under the
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

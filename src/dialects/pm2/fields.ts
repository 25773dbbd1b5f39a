import { z } from 'zod'
import { usernameProblem } from '../../core/accounts/usernames.ts'
import { emailField, lineField, linePattern, optional, requiredText } from '../../http/fields.ts'

const clientId = optional(z.string('client_id must be text.'))

export const Token = z.object({
  client_id: neededText('client_id'),
  refresh_token: neededText('refresh_token'),
  grant_type: optional(z.string('grant_type must be text.')),
})

/** Not in the document, where the access token alone revokes. */
export const Revocation = z.object({
  client_id: z.string().optional().catch(undefined),
  refresh_token: z.string().optional().catch(undefined),
})

/** No `@`, which tells an e-mail address where either may be typed. */
const usernameRule = 'A username has 2 to 50 characters, and no @ among them.'
const usernameRules = {
  unseen: 'A username has only characters that can be seen.',
  another_kind: 'A username cannot look like an email, a phone number or an id.',
}
const email = emailField('A valid email is required.')

/** That the terms are accepted, in the words of clients. */
const accepted: unknown[] = [1, '1', true, 'true']

export const Registration = z.object({
  username: lineField({ min: 2, max: 50, message: usernameRule })
    .regex(/^[^@]*$/, usernameRule)
    .superRefine((name, issues) => {
      const problem = usernameProblem(name)
      if (problem) issues.addIssue({ code: 'custom', message: usernameRules[problem] })
    })
    .meta({ allOf: undefined, pattern: linePattern('@') }),
  email,
  password: neededText('password'),
  role: optional(lineField({ min: 1, max: 100, message: 'role is at most 100 characters on one line.' })),
  company: optional(
    lineField({ min: 1, max: 100, message: 'company is at most 100 characters on one line.' }),
  ),
  accept_terms: z
    .unknown()
    .refine((value) => accepted.includes(value), 'The terms must be accepted.')
    .meta({ enum: accepted }),
  client_id: clientId,
})

/** Addresses are written into logs and histories, so a password in one is refused. */
export const RegistrationQuery = z.object({
  password: z.undefined('Send the password in the body, not in the address.').optional().meta({ not: {} }),
})

export const Email = z.object({ email })
export const NewPassword = z.object({ password: neededText('password') })
export const TokenPath = z.object({ token: z.string() })

export const Authorize = z.object({
  client_id: neededText('client_id'),
  response_type: optional(z.literal('token')),
  response_mode: optional(z.literal('query')),
  redirect_uri: optional(z.string()),
})

export const Login = z.object({
  username: optional(z.string('username must be text.')),
  email: optional(z.string('email must be text.')),
  password: neededText('password'),
  otp: optional(z.string('otp must be text.')),
  code: optional(z.string('code must be text.')),
})
export const Completion = z.object({ code: z.string().catch('') })

function neededText(name: string) {
  return requiredText({ missing: `${name} is required.`, notText: `${name} must be text.` })
}

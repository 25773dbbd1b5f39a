import { z } from 'zod'
import { readEmail } from '../../core/accounts/emails.ts'
import { isHandleShaped } from '../../core/sessions/session-handles.ts'
import { isNoToken } from '../../http/bearer.ts'
import {
  booleanField,
  emailForm,
  isUuid,
  lineField,
  optional,
  optionalToken,
  requiredText,
} from '../../http/fields.ts'

/** For what is no e-mail address, in a body or a path. */
export const invalidEmail = { field: 'email', message: 'Please provide a valid email' }

/** The texts are the original's: Studio compares some of them. */
const email = z
  .unknown()
  .transform((value, issues) => {
    const email = typeof value === 'string' ? readEmail(value) : undefined
    const isMissing = value === undefined || value === null || value === ''
    if (email === undefined) issues.addIssue({ code: 'custom', message: invalidEmail.message })
    if (isMissing) issues.addIssue({ code: 'custom', message: 'Email is required' })
    return email ?? z.NEVER
  })
  .meta(emailForm)

const notSessions = 'sessions should be a list of ids'
const password = neededText('Password')
const isPasswordEncrypted = optional(booleanField('isPasswordEncrypted should be true or false'))
const clientAlias = optional(z.string('clientAlias should be text').max(100, 'clientAlias is too long'))
const firstName = lineField({
  min: 2,
  max: 50,
  message: 'First name must be between 2 and 50 characters.',
})
const lastName = lineField({ min: 2, max: 50, message: 'Last name must be between 2 and 50 characters.' })
const brandFields = {
  brandLogoUrl: optional(
    z
      .string('brandLogoUrl should be a valid URL')
      .refine(isPublicUrl, 'brandLogoUrl should be a valid URL')
      .meta({ format: 'uri' }),
  ),
  platformName: optional(z.string('platformName should be text')),
  endpoint: optional(z.string('endpoint should be a URL')),
}

export const SignIn = z.object({ email, password, isPasswordEncrypted })
export const TwoFactor = z.object({
  twoFactorToken: neededText('twoFactorToken'),
  code: neededText('code'),
})
export const Refresh = z.object({ refreshToken: neededText('refreshToken') })
/** Studio writes `[null]` where it has not loaded its session yet. */
export const SignOut = z.object({
  sessions: z.preprocess(readList, optional(z.array(z.string(notSessions).nullable(), notSessions))),
})
export const SessionDetails = z.object({ sessionId: z.string().catch('') })
export const ForgotPassword = z.object({ email, clientAlias, ...brandFields })
/** A token that is missing is a wrong one: there is one answer for that. */
export const TokenReset = z.object({ password, token: z.string().catch(''), isPasswordEncrypted })
export const PasswordChange = z.object({
  email,
  oldPassword: neededText('oldPassword'),
  newPassword: neededText('newPassword'),
  isPasswordEncrypted,
  // Not in the document: the second factor came later.
  code: optional(z.string('code should be text')),
})
/** Studio sends the whole profile, of which only the names can be changed. */
export const ProfileChange = z
  .object({ firstName: optional(firstName), lastName: optional(lastName) })
  .refine((names) => names.firstName !== undefined || names.lastName !== undefined, {
    error: 'firstName or lastName is required.',
    path: ['firstName'],
  })
export const VerificationMail = z.object({ email, clientAlias, ...brandFields })
export const VerificationMailQuery = z.object({ clientAlias })
/** Whatever is wrong with these is a wrong code: there is one answer for that. Studio encodes no `+`. */
export const Verify = z.object({
  email: z
    .string()
    .catch('')
    .transform((email) => email.trim().replaceAll(' ', '+')),
  verificationCode: z.string().catch(''),
})
export const SignUp = z.object({
  email,
  firstName,
  lastName,
  password,
  isPasswordEncrypted,
  verificationCode: optionalToken('verificationCode should be text'),
})

export type BrandFields = z.output<typeof ForgotPassword>

/** A form with one entry does not say that it is a list. */
function readList(given: unknown): unknown {
  if (isNoToken(given)) return undefined
  return isUuid(given) || (typeof given === 'string' && isHandleShaped(given)) ? [given] : given
}

function neededText(name: string) {
  return requiredText({ missing: `${name} is required.`, notText: `${name} must be text.` })
}

/** As the original asks for: a protocol, and a host name with a top-level domain. */
function isPublicUrl(value: string): boolean {
  const url = URL.parse(value)
  return (
    url !== null && /^https?:$/.test(url.protocol) && /^[^.]+(\.[^.]+)*\.[a-z][a-z0-9-]+$/i.test(url.hostname)
  )
}

import { z } from 'zod'
import { booleanField, isEmail, lineField, optional } from '../../http/fields.ts'

/** The texts are the original's: Studio compares some of them. */
const email = z
  .unknown()
  .superRefine((value, issues) => {
    const isMissing = value === undefined || value === null || value === ''
    if (isMissing || !isEmail(value))
      issues.addIssue({ code: 'custom', message: 'Please provide a valid email' })
    if (isMissing) issues.addIssue({ code: 'custom', message: 'Email is required' })
  })
  .transform((value) => String(value).trim())

const password = requiredText('Password is required.')
const isPasswordEncrypted = optional(booleanField('isPasswordEncrypted should be true or false'))
const clientAlias = optional(z.string('clientAlias should be text').max(100, 'clientAlias is too long'))
const brandFields = {
  brandLogoUrl: optional(
    z.string('brandLogoUrl should be a valid URL').refine(isPublicUrl, 'brandLogoUrl should be a valid URL'),
  ),
  platformName: optional(z.string('platformName should be text')),
  endpoint: optional(z.string('endpoint should be a URL')),
}

export const SignIn = z.object({ email, password, isPasswordEncrypted })
export const TwoFactor = z.object({
  twoFactorToken: requiredText('twoFactorToken is required.'),
  code: requiredText('code is required.'),
})
export const Refresh = z.object({ refreshToken: requiredText('refreshToken is required.') })
export const SignOut = z.object({
  sessions: optional(
    z.preprocess(
      // A form with one id does not say that it is a list.
      (given) => (isUuid(given) ? [given] : given),
      z.array(
        z.string('sessions should be a list of ids').transform((id) => id.toLowerCase()),
        'sessions should be a list of ids',
      ),
    ),
  ),
})
export const ForgotPassword = z.object({ email, clientAlias, ...brandFields })
/** A token that is missing is a wrong one: there is one answer for that. */
export const TokenReset = z.object({ password, token: z.string().catch(''), isPasswordEncrypted })
export const PasswordChange = z.object({
  email,
  oldPassword: requiredText('oldPassword is required.'),
  newPassword: requiredText('newPassword is required.'),
  isPasswordEncrypted,
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
  firstName: lineField({ min: 2, max: 50, message: 'First name must be between 2 and 50 characters.' }),
  lastName: lineField({ min: 2, max: 50, message: 'Last name must be between 2 and 50 characters.' }),
  password,
  isPasswordEncrypted,
  verificationCode: optional(z.string('verificationCode should be text')),
})

export type BrandFields = z.output<typeof ForgotPassword>

const uuid = z.guid()

export function isUuid(value: unknown): boolean {
  return uuid.safeParse(value).success
}

function requiredText(message: string) {
  return z.string(message).min(1, message)
}

/** As the original asks for: a protocol, and a host name with a top-level domain. */
function isPublicUrl(value: string): boolean {
  const url = URL.parse(value)
  return (
    url !== null && /^https?:$/.test(url.protocol) && /^[^.]+(\.[^.]+)*\.[a-z][a-z0-9-]+$/i.test(url.hostname)
  )
}

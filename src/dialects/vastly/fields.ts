import { z } from 'zod'
import { readPhone } from '../../core/accounts/phones.ts'
import { isSamePassword } from '../../core/passwords/forms.ts'
import { emailField, optional, readField, requiredText } from '../../http/fields.ts'

const notPhone = 'Mobile must be a number such as +4791234567'

const email = emailField('Email must be a valid email address')

/** In any spelling that begins with the country; what is read is E.164. */
const mobile = readField(readPhone, notPhone).meta({ pattern: '^\\+[1-9]\\d{6,14}$' })

const newPassword = {
  password: neededText('Password'),
  passwordConfirm: neededText('Password confirmation'),
}
const identifier = { email: optional(email), mobile: optional(mobile) }
const token = neededText('Token')

export const Register = confirmed(identified(z.object({ ...identifier, ...newPassword })))
export const Login = identified(z.object({ ...identifier, password: neededText('Password') }))
export const TwoFactor = z.object({
  twoFactorToken: neededText('Two factor token'),
  code: neededText('Code'),
})
export const ForgotByMail = z.object({ email })
export const ForgotBySms = z.object({ mobile })
export const ResetByMail = confirmed(z.object({ token, ...newPassword }))
export const ResetBySms = confirmed(z.object({ token, mobile: optional(mobile), ...newPassword }))

function neededText(name: string) {
  return requiredText({ missing: `${name} is required`, notText: `${name} must be text` })
}

/** An e-mail address, a mobile number, or both. */
function identified<T extends z.ZodType<{ email?: string; mobile?: string }>>(schema: T) {
  return schema.refine(({ email, mobile }) => email !== undefined || mobile !== undefined, {
    error: 'Email or mobile is required',
    path: ['email'],
  })
}

function confirmed<T extends z.ZodType<{ password: string; passwordConfirm: string }>>(schema: T) {
  return schema.refine(({ password, passwordConfirm }) => isSamePassword(password, passwordConfirm), {
    error: 'Passwords do not match',
    path: ['passwordConfirm'],
  })
}

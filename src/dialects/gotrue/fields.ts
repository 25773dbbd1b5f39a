import { z } from 'zod'
import { booleanField, emailField, lineField, optional } from '../../http/fields.ts'
import { isKeepableJson } from '../../http/keepable-json.ts'

export const text = (name: string) => optional(z.string(`${name} must be a string`))

export const email = optional(emailField('Unable to validate email address: invalid format'))

/** How long what a person says of themselves may be as JSON: it is in every access token. */
const maxDataLength = 6144

export const record = (name: string) =>
  optional(
    z
      .record(z.string(), z.unknown(), `${name} must be an object`)
      .refine(
        (data) => isKeepableJson(data) && JSON.stringify(data).length <= maxDataLength,
        `${name} must be smaller, less deep, and text throughout`,
      ),
  )

/** Of PKCE (RFC 7636 §4.3). */
const challenge = {
  code_challenge: text('code_challenge'),
  code_challenge_method: text('code_challenge_method'),
}

export const SignUp = z.object({
  email,
  phone: text('phone'),
  password: text('password'),
  data: record('data'),
  ...challenge,
})

export const UserChange = z.object({
  email,
  phone: text('phone'),
  password: text('password'),
  current_password: text('current_password'),
  nonce: text('nonce'),
  data: record('data'),
  app_metadata: optional(z.unknown()),
  ...challenge,
})

export const Redirect = z.object({ redirect_to: text('redirect_to') })

export const Grant = z.object({ grant_type: text('grant_type') })

/** What the grants take between them. */
export const Token = z.object({
  email,
  phone: text('phone'),
  password: text('password'),
  refresh_token: text('refresh_token'),
  auth_code: text('auth_code'),
  code_verifier: text('code_verifier'),
  provider: text('provider'),
})

export const Recover = z.object({ email, ...challenge })

export const SignInMail = z.object({
  email,
  phone: text('phone'),
  channel: text('channel'),
  create_user: optional(booleanField('create_user must be true or false')),
  data: record('data'),
  ...challenge,
})

export const Resend = z.object({ type: text('type'), email, phone: text('phone'), ...challenge })

export const Verify = z.object({
  type: text('type'),
  token: text('token'),
  token_hash: text('token_hash'),
  email: optional(emailField('Invalid email format')),
  phone: text('phone'),
})

/** What the link of a mail holds, and what the page that it opens posts. */
export const MailedLink = z.object({
  token: text('token'),
  type: text('type'),
  redirect_to: text('redirect_to'),
})

const line = (name: string) => {
  const message = `${name} must be a line of at most 100 characters`
  return optional(lineField({ min: 1, max: 100, message }))
}

export const NewFactor = z.object({
  factor_type: text('factor_type'),
  friendly_name: line('friendly_name'),
  issuer: line('issuer'),
})

export const ById = z.object({ id: z.string() })

export const FactorCode = z.object({ challenge_id: text('challenge_id'), code: text('code') })

export const SignOut = z.object({ scope: text('scope') })

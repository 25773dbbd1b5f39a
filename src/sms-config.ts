import { z } from 'zod'

const url = z
  .url({ protocol: /^(twilio|https?)$/, error: 'must be twilio://… or https://…' })
  .refine(hasReadableCredentials, 'has a % in its user name or password that is not written as %25')
  .refine((url) => !/^http:/i.test(url) || isLoopback(url), 'must be https, or on this machine')

const body = z
  .string()
  .refine((body) => !/^\s*[{[]/.test(body) || isJson(body), 'begins like JSON and is not')
  .refine((body) => body.includes('{to}') && body.includes('{text}'), 'must have {to} and {text} in it')

/** The variables that name the SMS gateway. */
export const smsFields = {
  SMS_URL: url.optional(),
  SMS_FROM: z.string().optional(),
  SMS_BODY: body.optional(),
  SMS_AUTHORIZATION: z
    .string()
    .regex(/^[\x20-\x7e]+$/, 'must be one line of ASCII')
    .optional(),
}

/** What the gateway needs and is not there, or is there and would not be used; without a gateway nothing. */
export function wrongWithSms(given: { [K in keyof typeof smsFields]?: string }): string[] {
  const url = URL.parse(given.SMS_URL ?? '')
  if (!url) return []
  return url.protocol === 'twilio:' ? wrongWithTwilio(url, given) : wrongWithOther(url, given)
}

function wrongWithTwilio(
  url: URL,
  { SMS_FROM, SMS_BODY, SMS_AUTHORIZATION }: Record<string, unknown>,
): string[] {
  const problems: string[] = []
  if (!url.username || !url.password) problems.push('SMS_URL must be twilio://ACCOUNT_SID:AUTH_TOKEN@…')
  if (!SMS_FROM && !url.searchParams.get('from')) problems.push('SMS_FROM is missing: who sends the messages')
  if (SMS_BODY || SMS_AUTHORIZATION)
    problems.push('SMS_BODY and SMS_AUTHORIZATION are not for Twilio, whose form is known')
  return problems
}

function wrongWithOther(
  url: URL,
  { SMS_FROM, SMS_BODY, SMS_AUTHORIZATION }: Record<string, unknown>,
): string[] {
  const problems: string[] = []
  if (url.username && SMS_AUTHORIZATION)
    problems.push('SMS_AUTHORIZATION and the user name in SMS_URL are both set')
  if (String(SMS_BODY).includes('{from}') && !SMS_FROM)
    problems.push('SMS_FROM is missing: SMS_BODY has {from} in it')
  return problems
}

function hasReadableCredentials(url: string): boolean {
  const { username, password } = URL.parse(url) ?? {}
  try {
    return decodeURIComponent(`${username}${password}`) !== undefined
  } catch {
    return false
  }
}

function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(URL.parse(url)?.hostname ?? '')
}

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined
  } catch {
    return false
  }
}

import { z } from 'zod'
import { isLoopback } from './lib/ip.ts'

/** `twilio://…`, or the address of any other gateway. */
export const smsUrl = z
  .url({ protocol: /^(twilio|https?)$/, error: 'must be twilio://… or https://…' })
  .refine(hasReadableCredentials, 'has a % in its user name or password that is not written as %25')
  .refine(
    (url) => !/^http:/i.test(url) || isLoopback(URL.parse(url)?.hostname ?? ''),
    'must be https, or on this machine',
  )

/** The form or JSON that a gateway wants. */
export const smsBody = z
  .string('must be text')
  .refine((body) => !/^\s*[{[]/.test(body) || isJson(body), 'begins like JSON and is not')
  .refine((body) => body.includes('{to}') && body.includes('{text}'), 'must have {to} and {text} in it')

/** The value of an `Authorization` header. */
export const smsAuthorization = z.string('must be text').regex(/^[\x20-\x7e]+$/, 'must be one line of ASCII')

/** The variables that name the SMS gateway. */
export const smsFields = {
  SMS_URL: smsUrl.optional(),
  SMS_FROM: z.string().optional(),
  SMS_BODY: smsBody.optional(),
  SMS_AUTHORIZATION: smsAuthorization.optional(),
}

/** Where a setting is, or should be: its variable, or its place in the file. */
export type NameOf = (variable: string) => string

/** What the gateway needs and is not there, or is there and would not be used; without a gateway nothing. */
export function wrongWithSms(given: { [K in keyof typeof smsFields]?: string }, nameOf: NameOf): string[] {
  const url = URL.parse(given.SMS_URL ?? '')
  if (!url) return []
  return url.protocol === 'twilio:' ? wrongWithTwilio(url, given, nameOf) : wrongWithOther(url, given, nameOf)
}

function wrongWithTwilio(
  url: URL,
  { SMS_FROM, SMS_BODY, SMS_AUTHORIZATION }: Record<string, unknown>,
  nameOf: NameOf,
): string[] {
  const problems: string[] = []
  if (!url.username || !url.password)
    problems.push(`${nameOf('SMS_URL')} must be twilio://ACCOUNT_SID:AUTH_TOKEN@…`)
  if (!SMS_FROM && !url.searchParams.get('from'))
    problems.push(`${nameOf('SMS_FROM')} is missing: who sends the messages`)
  if (SMS_BODY || SMS_AUTHORIZATION)
    problems.push(
      `${nameOf('SMS_BODY')} and ${nameOf('SMS_AUTHORIZATION')} are not for Twilio, whose form is known`,
    )
  return problems
}

function wrongWithOther(
  url: URL,
  { SMS_FROM, SMS_BODY, SMS_AUTHORIZATION }: Record<string, unknown>,
  nameOf: NameOf,
): string[] {
  const problems: string[] = []
  if (url.username && SMS_AUTHORIZATION)
    problems.push(`${nameOf('SMS_AUTHORIZATION')} and the user name in ${nameOf('SMS_URL')} are both set`)
  if (String(SMS_BODY).includes('{from}') && !SMS_FROM)
    problems.push(`${nameOf('SMS_FROM')} is missing: ${nameOf('SMS_BODY')} has {from} in it`)
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

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined
  } catch {
    return false
  }
}

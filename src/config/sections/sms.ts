import { z } from 'zod'
import type { SmsSettings } from '../../delivery/sms/presets.ts'
import { isLoopback } from '../../lib/ip.ts'
import { hasReadableCredentials } from '../../lib/unreadable-url.ts'
import { optionalSection, secretSetting, text } from '../setting-types.ts'

/** `twilio://…`, or the URL of any other gateway. */
const smsUrl = z
  .url({ protocol: /^(twilio|https?)$/, error: 'must be twilio://… or https://…', abort: true })
  .refine(
    (url) => hasReadableCredentials(new URL(url)),
    'has a % in its user name or password that is not written as %25',
  )
  .refine(
    (url) => !/^http:/i.test(url) || isLoopback(new URL(url).hostname),
    'must be https, or on this machine',
  )

/** The form or JSON that a gateway wants. */
const smsBody = z
  .string('must be text')
  .refine((body) => !/^\s*[{[]/.test(body) || isJson(body), 'begins like JSON and is not')
  .refine((body) => body.includes('{to}') && body.includes('{text}'), 'must have {to} and {text} in it')

/** The value of an `Authorization` header. */
const smsAuthorization = z.string('must be text').regex(/^[\x20-\x7e]+$/, 'must be one line of ASCII')

const phonePrefix = z
  .string('must be the beginning of a number such as +47')
  .refine((text) => /^\+\d*$/.test(text), 'must be the beginning of a number such as +47')

/** `sms` in the settings file. */
export const smsSection = optionalSection('The gateway for text messages', {
  ...secretSetting('url', smsUrl, 'twilio://… or https://…'),
  ...secretSetting('authorization', smsAuthorization, 'The Authorization header of each message'),
  from: text.optional().describe('The sender of messages'),
  body: smsBody.optional().describe('The form or JSON that a message is sent as'),
  allowedPrefixes: z
    .array(phonePrefix, 'must be a list of beginnings of numbers')
    .optional()
    .describe('Beginnings of the numbers that messages may go to'),
})

/** The gateway, if there is one, and the numbers that it may send to, by default none in production, else all. */
export function readSms(given: z.output<typeof smsSection>, isProduction: boolean) {
  const { url, from, body, authorization, allowedPrefixes } = given ?? {}
  const sms: SmsSettings | undefined = url ? { url, from, body, authorization } : undefined
  return { sms, smsPrefixes: allowedPrefixes ?? (isProduction ? [] : ['+']) }
}

/** What the gateway lacks, and what it would not use. `nameOf` tells how the operator knows the setting at a place. */
export function validateSms(
  given: Partial<NonNullable<z.input<typeof smsSection>>>,
  { isProduction, nameOf }: { isProduction: boolean; nameOf: (place: string) => string },
): string[] {
  if (!given.url) return []
  const { from, body, authorization, allowedPrefixes } = given
  const url = URL.parse(given.url)
  const isTwilio = url?.protocol === 'twilio:'
  const needsFrom = isTwilio ? !url.searchParams.get('from') : url && String(body).includes('{from}')
  const rules: [isBroken: unknown, problem: string][] = [
    [
      isProduction && !allowedPrefixes,
      `${nameOf('sms.allowedPrefixes')} is missing: the countries that messages may go to, such as "+47,+46"`,
    ],
    [
      isTwilio && !(url.username && url.password),
      `${nameOf('sms.url')} must be twilio://ACCOUNT_SID:AUTH_TOKEN@…`,
    ],
    [
      !isTwilio && url?.username && authorization,
      `${nameOf('sms.authorization')} and the user name in ${nameOf('sms.url')} are both set`,
    ],
    [
      needsFrom && !from,
      `${nameOf('sms.from')} is missing: ${isTwilio ? 'who sends the messages' : `${nameOf('sms.body')} has {from} in it`}`,
    ],
    [
      isTwilio && (body || authorization),
      `${nameOf('sms.body')} and ${nameOf('sms.authorization')} are not for Twilio, whose form is known`,
    ],
  ]
  return rules.flatMap(([isBroken, problem]) => (isBroken ? [problem] : []))
}

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined
  } catch {
    return false
  }
}

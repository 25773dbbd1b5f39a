import { isLoopback } from '../../lib/ip.ts'
import { type Sms, Undeliverable } from '../message.ts'

/** A gateway as the configuration names it. */
export interface SmsSettings {
  /** `twilio://…` or the URL to post to, with a user name and password in it if it wants these. */
  url: string
  /** The sender that messages show. */
  from?: string
  /** What to post: JSON or a form, with {to}, {text} and {from} in its values. */
  body?: string
  /** The `Authorization` header, where it is not the user name and password of the URL. */
  authorization?: string
}

/** How messages are posted to a gateway. */
export interface SmsGateway {
  url: string
  headers: Record<string, string>
  /** What is posted for a message. */
  bodyOf(sms: Sms): string
  /** The error for an answer that is no success. Repeats nothing of it, as it may hold the message. */
  errorOf(status: number, answer: string): Error
}

/** The gateway of that configuration. */
export function smsGateway(settings: SmsSettings): SmsGateway {
  const url = new URL(settings.url)
  return url.protocol === 'twilio:' ? twilio(url, settings) : generic(url, settings)
}

/** Twilio's codes for a number that no attempt will reach: invalid, unsubscribed, no route, not a mobile. */
const unreachable = new Set([21211, 21610, 21612, 21614])

/**
 * Twilio's Messages API (https://www.twilio.com/docs/messaging/api/message-resource), from
 * `twilio://ACCOUNT_SID:AUTH_TOKEN@api.twilio.com?from=…`. An API key stands in for the account's own
 * secret: `twilio://KEY_SID:KEY_SECRET@api.twilio.com?account=ACCOUNT_SID&from=…`. `from` may be a messaging
 * service's id.
 */
function twilio(
  { host, hostname, username, password, searchParams }: URL,
  settings: SmsSettings,
): SmsGateway {
  const account = searchParams.get('account') ?? decodeURIComponent(username)
  const from = settings.from ?? searchParams.get('from') ?? ''
  const sender = /^MG[\da-f]{32}$/i.test(from) ? 'MessagingServiceSid' : 'From'
  // Twilio's mock servers run on the own machine, and without TLS.
  const base = `${isLoopback(hostname) ? 'http' : 'https'}://${host}/2010-04-01`
  return {
    url: `${base}/Accounts/${encodeURIComponent(account)}/Messages.json`,
    headers: { 'content-type': form, authorization: basic(username, password) },
    bodyOf: ({ to, text }) => new URLSearchParams({ To: to, [sender]: from, Body: text }).toString(),
    errorOf: (status, answer) => {
      const code = twilioCode(answer)
      const message = `the SMS gateway answered ${status}${code === undefined ? '' : ` (${code})`}`
      return code !== undefined && unreachable.has(code) ? new Undeliverable(message) : new Error(message)
    },
  }
}

function twilioCode(answer: string): number | undefined {
  try {
    const { code } = JSON.parse(answer)
    return Number.isInteger(code) ? code : undefined
  } catch {
    return undefined
  }
}

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/** Any gateway that takes a message as one POST and answers with 2xx when it has accepted it. */
function generic(url: URL, { from, body, authorization }: SmsSettings): SmsGateway {
  const template = body ?? JSON.stringify({ to: '{to}', text: '{text}', ...(from && { from: '{from}' }) })
  const isJson = isJsonTemplate(template)
  const fill = isJson ? fillJson(JSON.parse(template)) : fillForm(template)
  const credentials = url.username ? basic(url.username, url.password) : undefined
  const secret = authorization ?? credentials
  const address = new URL(url)
  address.username = ''
  address.password = ''
  return {
    url: address.href,
    headers: { 'content-type': isJson ? json : form, ...(secret && { authorization: secret }) },
    bodyOf: ({ to, text }) => fill({ to, text, from: from ?? '' }),
    errorOf: (status) => new Error(`the SMS gateway answered ${status}`),
  }
}

/** Whether a body template is meant as JSON; otherwise it is a form. */
function isJsonTemplate(template: string): boolean {
  return /^\s*[{[]/.test(template)
}

type Values = Record<'to' | 'text' | 'from', string>

/** Values are put into the parsed template, which escapes them when it is written, so that no text breaks out. */
function fillJson(template: unknown): (values: Values) => string {
  return (values) =>
    JSON.stringify(template, (_key, value) => (typeof value === 'string' ? fillText(value, values) : value))
}

function fillForm(template: string): (values: Values) => string {
  return (values) => {
    const fields = new URLSearchParams(template)
    for (const [name, value] of [...fields]) fields.set(name, fillText(value, values))
    return fields.toString()
  }
}

/** In one pass, so that braces in a message are not replaced. */
function fillText(template: string, values: Values): string {
  return template.replaceAll(/\{(to|text|from)\}/g, (_, name: keyof Values) => values[name])
}

function basic(username: string, password: string): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

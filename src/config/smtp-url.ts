import { z } from 'zod'
import { controlsInIt, hasControls, unreadableUrl } from '../lib/unreadable-url.ts'
import { readTextFile } from './text-file.ts'

type Rule = { pattern: RegExp; says: string }

const yesOrNo: Rule = { pattern: /^(true|false)$/, says: 'true or false' }
const count: Rule = { pattern: /^[1-9]\d{0,6}$/, says: 'a whole number above 0' }
const text: Rule = { pattern: /^[\x21-\x7e]+$/, says: 'text without blanks' }
const version: Rule = { pattern: /^TLSv1(\.[123])?$/, says: 'TLSv1.2 or TLSv1.3' }
const method: Rule = { pattern: /^(PLAIN|LOGIN|CRAM-MD5)$/, says: 'PLAIN, LOGIN or CRAM-MD5' }
const address: Rule = { pattern: /^[\da-f:.]+$/i, says: 'an IP address' }

/** What the address may say beside the host; the library takes far more, and takes what it does not know in silence. */
const parameters: Record<string, Rule> = {
  name: text,
  requireTLS: yesOrNo,
  ignoreTLS: yesOrNo,
  maxConnections: count,
  maxMessages: count,
  rateLimit: count,
  rateDelta: count,
  authMethod: method,
  localAddress: address,
  'tls.rejectUnauthorized': yesOrNo,
  'tls.servername': text,
  'tls.minVersion': version,
  'tls.maxVersion': version,
  'tls.ciphers': text,
}

const rule = 'must be smtp://… or smtps://…'

/** Where mails are handed over. What is wrong with it is said without repeating any of it but names. */
export const smtpUrl = z
  .string(rule)
  .trim()
  .regex(/^smtps?:\/\//, { error: rule, abort: true })
  .superRefine((url, { addIssue }) => {
    const message = wrongWithSmtpUrl(url)
    if (message !== undefined) addIssue({ code: 'custom', message })
  })

/** The address in a file as it is now; `undefined` for one that cannot be read or used. */
export function readSmtpUrl(path: string): string | undefined {
  return smtpUrl.safeParse(readTextFile(path).text).data
}

function wrongWithSmtpUrl(text: string): string | undefined {
  if (hasControls(text)) return controlsInIt
  const url = URL.parse(text)
  if (!url?.hostname || url.hash || /^\/.+/.test(url.pathname) || !hasReadableCredentials(url))
    return unreadableUrl
  for (const [name, value] of url.searchParams) {
    // What is no name may be the rest of a password.
    if (!/^[a-z.]{1,40}$/i.test(name)) return unreadableUrl
    const known = parameters[name]
    if (!known)
      return `has the parameter ${name}, which is not known here: ${Object.keys(parameters).join(', ')} are`
    if (!known.pattern.test(value)) return `has a ${name} that is not ${known.says}`
    if (url.searchParams.getAll(name).length > 1) return `has the parameter ${name} twice`
  }
  return undefined
}

function hasReadableCredentials({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(`${username}${password}`) !== undefined
  } catch {
    return false
  }
}

import addressparser from 'nodemailer/lib/addressparser'
import { z } from 'zod'
import { controlsInIt, hasControls, hasReadableCredentials, unreadableUrl } from '../../lib/unreadable-url.ts'
import { optionalSection, secretSetting } from '../setting-types.ts'
import { readTextFile } from '../sources/text-file.ts'

const senderRule = 'must be one sender with an address, such as "Example <auth@example.com>"'

/** An e-mail address by itself, or behind a name. */
const mailboxForm = /^(?:[^<>]*<[^<>]+>|[^<>\s]+)$/
/** HTML's rule for `type=email`, with a domain in any letters. */
const mailAddress = /^[\w.!#$%&'*+/=?^`{|}~-]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u

/** Exactly one mailbox, as it stands in the `From` of a mail. */
export const sender = z
  .string(senderRule)
  .trim()
  .min(1, { error: senderRule, abort: true })
  .regex(/^\P{Cc}*$/u, { error: controlsInIt, abort: true })
  .refine((text) => !/^(['"]).*\1$/.test(text), {
    error: 'has quotes around the whole of it: leave them out, as `docker --env-file` hands them on',
    abort: true,
  })
  .refine(isMailbox, senderRule)

function isMailbox(text: string): boolean {
  if (!mailboxForm.test(text)) return false
  const [only, ...others] = addressparser(text)
  if (!only || others.length > 0 || only.group) return false
  // A name with an @ is mostly a second address.
  return mailAddress.test(only.address ?? '') && !only.name.includes('@')
}

type Rule = { pattern: RegExp; says: string }

const yesOrNo: Rule = { pattern: /^(true|false)$/, says: 'true or false' }
const count: Rule = { pattern: /^[1-9]\d{0,6}$/, says: 'a whole number above 0' }
const text: Rule = { pattern: /^[\x21-\x7e]+$/, says: 'text without blanks' }
const version: Rule = { pattern: /^TLSv1(\.[123])?$/, says: 'TLSv1.2 or TLSv1.3' }
const method: Rule = { pattern: /^(PLAIN|LOGIN|CRAM-MD5)$/, says: 'PLAIN, LOGIN or CRAM-MD5' }
const address: Rule = { pattern: /^[\da-f:.]+$/i, says: 'an IP address' }

/** The parameters that the URL may have; the library knows far more, and ignores those that it does not know. */
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

const urlRule = 'must be smtp://… or smtps://…'

/** The URL of the mail server. Problems repeat nothing of it but names of parameters. */
const smtpUrl = z
  .string(urlRule)
  .trim()
  .regex(/^smtps?:\/\//, { error: urlRule, abort: true })
  .superRefine((url, { addIssue }) => {
    const message = validateSmtpUrl(url)
    if (message !== undefined) addIssue({ code: 'custom', message })
  })

/** The URL that a file holds now; `undefined` for one that cannot be read or used. */
export function readSmtpUrl(path: string): string | undefined {
  return smtpUrl.safeParse(readTextFile(path).text).data
}

function validateSmtpUrl(text: string): string | undefined {
  if (hasControls(text)) return controlsInIt
  const url = URL.parse(text)
  if (!url?.hostname || url.hash || /^\/.+/.test(url.pathname) || !hasReadableCredentials(url))
    return unreadableUrl
  for (const [name, value] of url.searchParams) {
    // What does not look like a name may be the rest of a password.
    if (!/^[a-z.]{1,40}$/i.test(name)) return unreadableUrl
    const known = parameters[name]
    if (!known)
      return `has the parameter ${name}, which is not known here: ${Object.keys(parameters).join(', ')} are`
    if (!known.pattern.test(value)) return `has a ${name} that is not ${known.says}`
    if (url.searchParams.getAll(name).length > 1) return `has the parameter ${name} twice`
  }
  return undefined
}

/** The name that this server gives in SMTP. */
const smtpName = z
  .string('must be a host name such as auth.example.com')
  .trim()
  .regex(
    /^(?:[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?|\[(?:IPv6:)?[\da-f:.]+\])$/i,
    'must be a host name such as auth.example.com',
  )

/** `smtp` in the settings file. */
export const smtpSection = optionalSection('The mail server', {
  ...secretSetting('url', smtpUrl, 'smtp://user:password@host:587 or smtps://…'),
  from: sender.optional().describe('The sender of mails, such as "Example <auth@example.com>"'),
  replyTo: sender.optional().describe('Where answers to mails go (the sender)'),
  name: smtpName.optional().describe('What this server calls itself in SMTP (the host of publicUrl)'),
})

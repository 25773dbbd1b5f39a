import addressparser from 'nodemailer/lib/addressparser'
import { z } from 'zod'
import { controlsInIt } from '../lib/unreadable-url.ts'

const rule = 'must be one sender with an address, such as "Example <auth@example.com>"'

/** An address by itself, or behind a name. */
const form = /^(?:[^<>]*<[^<>]+>|[^<>\s]+)$/
/** HTML's rule for `type=email`, with a domain in any letters. */
const address = /^[\w.!#$%&'*+/=?^`{|}~-]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u

/** Exactly one mailbox, as it stands in the `From` of a mail. */
export const sender = z
  .string(rule)
  .trim()
  .min(1, { error: rule, abort: true })
  .regex(/^\P{Cc}*$/u, { error: controlsInIt, abort: true })
  .refine((text) => !/^(['"]).*\1$/.test(text), {
    error: 'has quotes around the whole of it: leave them out, as `docker --env-file` hands them on',
    abort: true,
  })
  .refine(isMailbox, rule)

function isMailbox(text: string): boolean {
  if (!form.test(text)) return false
  const [only, ...others] = addressparser(text)
  if (!only || others.length > 0 || only.group) return false
  // A name with an @ is mostly a second address.
  return address.test(only.address ?? '') && !only.name.includes('@')
}

import { z } from 'zod'
import { isPrintable, redirectUri, unprintable } from './web-addresses.ts'

const rule =
  'must be an address such as https://app.example.com/path, without query and fragment; `*` stands for text without `.` and `/`, `**` behind the host for any text, and a host with `*` ends in a domain such as example.com'

/** Where a person may be sent with a ticket: an address, or a pattern of such. */
export const redirectPattern = z
  .string(rule)
  .refine(isPrintable, { error: unprintable, abort: true })
  .refine(isPattern, rule)

function isPattern(text: string): boolean {
  if (!redirectUri.safeParse(text.replaceAll(/\*+/g, '1')).success) return false
  const [, host = ''] = /^https?:\/\/([^/]*)/i.exec(text) ?? []
  if (!host.includes('*')) return true
  // Whoever could choose the end of a host would choose their own; a port is no part of it.
  return !host.includes('**') && (/^[^:]*(\.[a-z\d-]+){2}(:\d+)?$/i.test(host) || /^[^*:]+:\*$/.test(host))
}

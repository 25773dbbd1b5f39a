import { z } from 'zod'
import { isPrintable, unprintable } from '../../config/web-addresses.ts'

/** Hosts of a person's own machine, as RFC 8252 §7.3 has them and as browsers know them. */
const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/
/** `https:a` and `https:///a` are web addresses too, but not to all parsers the same. */
const isWrittenOut = /^[a-z][a-z\d+.-]*:\/\/[^/]/i
const privateScheme = /^[a-z][a-z\d-]*(\.[a-z\d-]+)+:$/

/** A URL that reads the same to every parser: no user, no fragment, no backslash, no wildcard for a host. */
function parsedExactly(text: string): URL | undefined {
  const parsed = URL.parse(text)
  if (!parsed || /[#\s\\]/.test(text) || parsed.username || parsed.password) return undefined
  const isWeb = /^https?:$/.test(parsed.protocol)
  return isWeb && (!isWrittenOut.test(text) || parsed.host.includes('*')) ? undefined : parsed
}

/** Whether it is a web address without TLS that leads to the person's own machine. */
export function isLoopback(address: string): boolean {
  const parsed = URL.parse(address)
  return parsed?.protocol === 'http:' && loopback.test(parsed.hostname)
}

/** Whether it is one with TLS, for which no app on that machine can have a certificate. */
export function isLoopbackWithTls(address: string): boolean {
  const parsed = URL.parse(address)
  return parsed?.protocol === 'https:' && loopback.test(parsed.hostname)
}

/** Whether it has the scheme of an app, in reverse order of a domain (RFC 8252 §7.1), and is no web address. */
export function isOfApp(address: string): boolean {
  return privateScheme.test(URL.parse(address)?.protocol ?? '')
}

const redirectRule =
  'must be an address such as https://app.example.com/callback, without fragment and wildcard: https, http at localhost, or the scheme of a native app with a dot in it (com.example.app:/callback)'
/** Where a browser may be sent with a code or after a logout. A query belongs to it, as the whole text is compared. */
export const redirectUri = z
  .string(redirectRule)
  .refine(isPrintable, { error: unprintable, abort: true })
  .refine((text) => {
    const parsed = parsedExactly(text)
    return parsed !== undefined && (parsed.protocol === 'https:' || isLoopback(text) || isOfApp(text))
  }, redirectRule)

const endpointRule = 'must be a URL such as https://app.example.com/path, with https but at localhost'
/** What this server itself sends requests to. */
export const endpoint = z
  .string(endpointRule)
  .refine(isPrintable, { error: unprintable, abort: true })
  .refine((text) => parsedExactly(text)?.protocol === 'https:' || isLoopback(text), endpointRule)

const identifierRule = 'must be an absolute URI such as https://api.example.com, without fragment'
/** What an API is called in `resource` (RFC 8707 §2) and `aud`. */
export const resourceIdentifier = z
  .string(identifierRule)
  .refine(isPrintable, { error: unprintable, abort: true })
  .refine((text) => URL.canParse(text) && !text.includes('#'), identifierRule)

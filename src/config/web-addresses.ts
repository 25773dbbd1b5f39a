import { z } from 'zod'

/** Said of a URL that cannot stand in a `Location` header as it is. */
export const unprintable =
  'must have ASCII characters alone: percent-encode the path, and write the host in punycode (xn--…)'

/** An origin; read without the slashes at its end. */
export const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL such as https://auth.example.com', abort: true })
  .refine(isPrintable, { error: unprintable, abort: true })
  .refine(
    isWholeHost,
    'must be a host of its own, such as https://auth.example.com, without path, query, fragment and user',
  )
  .transform((url) => url.replace(/\/+$/, ''))

function isWholeHost(text: string): boolean {
  const { username, password, pathname, search, hash } = new URL(text)
  return /^\/*$/.test(pathname) && !/[?#@]/.test(text) && !`${username}${password}${search}${hash}`
}

const originRule =
  'must be an origin such as https://app.example.com, or that of an app, such as capacitor://localhost: a scheme and a host in small letters and no path, never null or file:'
/** What browsers and WebViews send as `Origin`. */
export const origin = z
  .string(originRule)
  .refine(isPrintable, { error: unprintable, abort: true })
  .refine(isOrigin, originRule)

const redirectRule =
  'must be an address such as https://app.example.com/path, without query and fragment; the scheme of an app has a dot (com.example.app:/path) or a host (myapp://path)'
/** Where a person may be sent with a ticket. */
export const redirectUri = z
  .string(redirectRule)
  .refine(isPrintable, { error: unprintable, abort: true })
  .refine(isRedirectUri, redirectRule)

/** The URL of a web page; read without the slashes at its end. */
export const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be a URL such as https://app.example.com', abort: true })
  .refine(isPrintable, unprintable)
  .refine(hasNoUser, 'must have no user name and no password')
  // As it is read here: other parsers might read the original otherwise.
  .transform((url) => new URL(url).href.replace(/\/+$/, ''))

/** The name of a host, or an IPv6 address in brackets; read in small letters. */
export const host = z
  .string('must be a host name such as auth.example.com, without a port')
  .transform((name) => name.toLowerCase())
  .refine(isHostName, 'must be a host name such as auth.example.com, without a port')

/** Schemes that no app has: of scripts and documents, of the network, and of what opens another program. */
const notOfApps = new Set(
  [
    'about blob content data file filesystem jar javascript vbscript view-source',
    'ftp ftps gopher ldap ldaps nfs sftp smb ssh telnet ws wss',
    'intent mailto sms tel',
  ].flatMap((schemes) => schemes.split(' ')),
)

const web = /^https?:$/
/** `https:a` and `https:///a` are web addresses too, but not to all parsers the same. */
const isWrittenOut = /^https?:\/\/[^/]/i
/** A scheme, a host and perhaps a port, as browsers write it into `Origin`: the host may be a mere `.` or `-`. */
const privateOrigin = /^[a-z][a-z\d+.-]*:\/\/([a-z\d._-]+|\[[\da-f:.]+\])(:\d{1,5})?$/

/**
 * Whether a browser or a WebView may call itself so in `Origin` (RFC 6454 §6.2): `https://app.example.com`, or the scheme
 * and the host of an app, such as `capacitor://localhost`. The text counts: to URL parsers the origin of such a scheme
 * is `null`.
 */
function isOrigin(text: string): boolean {
  const parsed = URL.parse(text)
  if (!parsed) return false
  if (web.test(parsed.protocol)) return parsed.origin === text && !parsed.host.includes('*')
  return privateOrigin.test(text) && isOfApps(parsed)
}

/**
 * Whether a person can be sent there with a ticket: a web address, or that of an app, whose private scheme has a dot
 * (RFC 8252 §7.1) or a host behind it.
 */
function isRedirectUri(text: string): boolean {
  const parsed = URL.parse(text)
  // A backslash is a slash to some parsers, and to others not.
  if (!parsed || /[?#\s\\]/.test(text) || parsed.username || parsed.password) return false
  if (web.test(parsed.protocol)) return isWrittenOut.test(text) && !parsed.host.includes('*')
  const isDotted = /^[a-z][a-z\d-]*(\.[a-z\d-]+)+:$/.test(parsed.protocol)
  return isOfApps(parsed) && (isDotted || parsed.host !== '')
}

function isOfApps({ protocol }: URL): boolean {
  return !notOfApps.has(protocol.slice(0, -1))
}

/** Whether a URL can stand in a `Location` header as it is. */
export function isPrintable(address: string): boolean {
  return /^[\x21-\x7e]*$/.test(address)
}

/** Whether a URL has no user name and no password: parsers that follow RFC 3986 alone may read another host there. */
export function hasNoUser(address: string): boolean {
  const { username, password } = URL.parse(address) ?? {}
  return !username && !password
}

function isHostName(name: string): boolean {
  return /^[a-z\d_]([a-z\d_.-]{0,251}[a-z\d])?$/.test(name) || /^\[[\da-f:.]+\]$/.test(name)
}

/** Whether the host of a URL is an IP address and not a name. */
export function isIpAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^[\d.]+$/.test(hostname)
}

const domainRule = 'must be a domain such as example.com, in small letters, without scheme and port'
/** The domain that passkeys are made for: a name, or `localhost` in development. */
export const passkeyDomain = z
  .string(domainRule)
  .refine(
    (name) => isHostName(name) && !isIpAddress(name) && (name === 'localhost' || /.\../.test(name)),
    domainRule,
  )

const passkeyOriginRule =
  'must be an origin such as https://app.example.com; passkeys need https, but at localhost'
/** Where a page may be that uses passkeys: browsers want a secure context. */
export const passkeyOrigin = z.string(passkeyOriginRule).refine(isPasskeyOrigin, passkeyOriginRule)

function isPasskeyOrigin(text: string): boolean {
  const parsed = URL.parse(text)
  if (parsed?.origin !== text || isIpAddress(parsed.hostname)) return false
  return (
    parsed.protocol === 'https:' || (parsed.protocol === 'http:' && /(^|\.)localhost$/.test(parsed.hostname))
  )
}

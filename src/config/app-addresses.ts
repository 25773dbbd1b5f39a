/** Schemes that no app has: of scripts and documents, of the network, and of what opens another program. */
const notOfApps = new Set(
  [
    [
      'about',
      'blob',
      'content',
      'data',
      'file',
      'filesystem',
      'jar',
      'javascript',
      'vbscript',
      'view-source',
    ],
    ['ftp', 'ftps', 'gopher', 'ldap', 'ldaps', 'nfs', 'sftp', 'smb', 'ssh', 'telnet', 'ws', 'wss'],
    ['intent', 'mailto', 'sms', 'tel'],
  ].flat(),
)

const web = /^https?:$/
/** Parsers make one of `https:a` and `https:///a`, too, and not all of them the same. */
const isWrittenOut = /^https?:\/\/[^/]/i
/** A scheme, a host and perhaps a port, as browsers write it into `Origin`: the host may be a mere `.` or `-`. */
const privateOrigin = /^[a-z][a-z\d+.-]*:\/\/([a-z\d._-]+|\[[\da-f:.]+\])(:\d{1,5})?$/

/**
 * Whether a browser or a WebView may call itself so in `Origin` (RFC 6454 §6.2): `https://app.example.com`, or the scheme
 * and the host of an app, such as `capacitor://localhost`. The text counts: to URL parsers the origin of such a scheme
 * is `null`.
 */
export function isOrigin(text: string): boolean {
  const parsed = URL.parse(text)
  if (!parsed) return false
  if (web.test(parsed.protocol)) return parsed.origin === text && !parsed.host.includes('*')
  return privateOrigin.test(text) && isOfApps(parsed)
}

/**
 * Whether a person can be sent there with a ticket: a web address, or that of an app, whose private scheme has a dot
 * (RFC 8252 §7.1) or a host behind it.
 */
export function isRedirectUri(text: string): boolean {
  const parsed = URL.parse(text)
  // A backslash is a slash to some, and to others not.
  if (!parsed || /[?#\s\\]/.test(text) || parsed.username || parsed.password) return false
  if (web.test(parsed.protocol)) return isWrittenOut.test(text) && !parsed.host.includes('*')
  const isDotted = /^[a-z][a-z\d-]*(\.[a-z\d-]+)+:$/.test(parsed.protocol)
  return isOfApps(parsed) && (isDotted || parsed.host !== '')
}

function isOfApps({ protocol }: URL): boolean {
  return !notOfApps.has(protocol.slice(0, -1))
}

import type { IncomingMessage } from 'node:http'

type Named = Pick<IncomingMessage, 'url' | 'headers'>

/** Brackets around an IPv6 address, else what names of hosts have; then a port, if there is one (RFC 9110 §7.2). */
const wellFormed = /^(\[[\da-z:.%]+\]|[\w.~!$&'()*+;=%-]+)(:\d*)?$/i

const defaultPorts = new Map([
  ['http', '80'],
  ['https', '443'],
])

/** The host that a request is for, in small letters, without port and root dot: its target's, else that of `Host`. */
export function namedHost({ url, headers }: Named): string {
  return hostOf(authorityOf(url)?.authority ?? headers.host ?? '')
}

/** Whether its target and its `Host` name one host, in a form that hosts have (RFC 9112 §3.2). A `Host` may be missing. */
export function namesOneHost({ url, headers: { host } }: Named): boolean {
  if (host && !wellFormed.test(host)) return false
  const target = authorityOf(url)
  if (!target || host === undefined) return true
  const { scheme, authority } = target
  return withPort(authority, scheme) === withPort(host, scheme)
}

/** Of an absolute target (RFC 9112 §3.2.2). */
function authorityOf(target = ''): { scheme: string; authority: string } | undefined {
  const [, scheme, authority] = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)/i.exec(target) ?? []
  return scheme === undefined || authority === undefined ? undefined : { scheme, authority }
}

function hostOf(authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

function withPort(authority: string, scheme: string): string {
  const port = /:(\d+)$/.exec(authority)?.[1] ?? defaultPorts.get(scheme.toLowerCase()) ?? ''
  return `${hostOf(authority)}:${port}`
}

import { controlsInIt, hasControls, isDecodable, unreadableUrl } from './unreadable-url.ts'

/** What `sslmode` may be. Every word that asks for TLS has the certificate verified, but for `no-verify`. */
export const tlsModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const

const words: Record<string, readonly string[]> = {
  sslmode: tlsModes,
  ssl: ['true', '1', '0', 'no-verify'],
  sslnegotiation: ['postgres', 'direct'],
  client_encoding: ['UTF8', 'utf8', 'UTF-8', 'utf-8'],
}

/** Parameters that name a file. */
const fileParameters = ['sslrootcert', 'sslcert', 'sslkey'] as const

/** The parameters that the driver knows; it ignores all others. */
const known = [
  'host',
  'port',
  'user',
  'password',
  'application_name',
  'fallback_application_name',
  'options',
  ...fileParameters,
  ...Object.keys(words),
]

/** Said of a URL that names several hosts. */
export const severalHosts =
  'names several hosts: name one host, and put HAProxy, a virtual address or DNS before several'
const badPort = 'has a port that is no number from 1 to 65535'

/** What keeps a `postgres://…` from being used, without repeating any of it but names; `undefined` for nothing. */
export function validatePostgresUrl(text: string): string | undefined {
  if (hasControls(text)) return controlsInIt
  const { authority, tail } = partsOf(text)
  const [path = ''] = tail.split('?')
  // A password that has one of these ends the part where it belongs, and its @ comes later.
  if (tail.includes('#') || (!authority.includes('@') && path.includes('@'))) return unreadableUrl
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host.includes(',')) return severalHosts
  if (!isPort(/^(?:\[[^\]]*\]|[^:]*):(.+)$/.exec(host)?.[1])) return badPort
  const url = parse(text)
  return url ? validateParameters(url.searchParams) : unreadableUrl
}

/** The URL for the driver: of the words of `sslmode` for verified TLS it has the one that the driver does not warn of. */
export function driverUrl(url: string): string {
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full')
}

/** The URL as it may be shown, and as `psql` and `pg_dump` take it, which know no `no-verify`: their `require` is that. */
export function withoutPassword(url: string): string {
  const { authority, tail } = partsOf(url)
  const user = authority.slice(0, authority.lastIndexOf('@') + 1).replace(/:.*@$/, '@')
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const shown = tail
    .replace(/([?&])password=[^&]*(?:&|$)/, '$1')
    .replace(/[?&]$/, '')
    .replace(/([?&]sslmode=)no-verify(?=&|$)/, '$1require')
  return `postgres://${user}${host}${shown}`
}

/** How a database is reached. */
export interface Way {
  /** Its name or IP address, or the folder of its socket; `undefined` for this machine. */
  host: string | undefined
  isTls: boolean
  isVerified: boolean
}

/** How the database at a URL is reached; `defaults` are what the driver takes from the environment. */
export function tlsOf(url: string, defaults: { host?: string | undefined; mode?: string | undefined }): Way {
  const parsed = parse(url)
  const given = parsed?.searchParams ?? new URLSearchParams()
  const host = given.get('host') || decodeURIComponent(hostOf(parsed)) || defaults.host || undefined
  const mode = given.get('sslmode') ?? impliedMode(given) ?? defaults.mode ?? 'disable'
  return { host, isTls: mode !== 'disable', isVerified: mode !== 'disable' && mode !== 'no-verify' }
}

/** The `sslmode` that other parameters imply. */
function impliedMode(given: URLSearchParams): string | undefined {
  const ssl = given.get('ssl')
  if (fileParameters.some((name) => given.has(name))) return 'verify-full'
  if (ssl !== null) return ssl === '0' ? 'disable' : ssl === 'no-verify' ? ssl : 'verify-full'
  return given.get('sslnegotiation') === 'direct' ? 'verify-full' : undefined
}

/** The files that a URL names, by the names of their parameters. */
export function filesOf(url: string): [name: string, path: string][] {
  const given = parse(url)?.searchParams
  return fileParameters.flatMap((name) => {
    const path = given?.get(name)
    return path ? [[name, path] as [string, string]] : []
  })
}

function validateParameters(given: URLSearchParams): string | undefined {
  for (const [name, value] of given) {
    // What does not look like a name may be the rest of a password.
    if (!/^[a-z_]{1,40}$/i.test(name)) return unreadableUrl
    const problem = validateParameter(name, value)
    if (problem !== undefined) return problem
    if (given.getAll(name).length > 1) return `has the parameter ${name} twice`
  }
  if (given.has('ssl') && given.has('sslmode')) return 'has both ssl and sslmode: leave ssl out'
  if (given.get('sslnegotiation') === 'direct' && given.get('sslmode') === 'disable')
    return 'has sslnegotiation=direct, which is TLS, and sslmode=disable'
  return undefined
}

function validateParameter(name: string, value: string): string | undefined {
  if (name === 'target_session_attrs')
    return 'has target_session_attrs, which is not known here: name one host, which leads to the primary'
  if (!known.includes(name))
    return `has the parameter ${name}, which is not known here: ${known.join(', ')} are`
  if (value === '') return `has the parameter ${name} without a value`
  if (name === 'host' && value.includes(',')) return severalHosts
  if (name === 'port') return value.includes(',') ? severalHosts : isPort(value) ? undefined : badPort
  const allowed = words[name]
  return allowed && !allowed.includes(value)
    ? `has a ${name} that is none of ${allowed.join(', ')}`
    : undefined
}

function isPort(text: string | undefined): boolean {
  return text === undefined || (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535)
}

/** The part with user and host, and all that follows it. */
function partsOf(text: string): { authority: string; tail: string } {
  const [, authority = '', tail = ''] = /^postgres(?:ql)?:\/\/([^/?#]*)(.*)$/.exec(text) ?? []
  return { authority, tail }
}

/** Stands in for a missing host behind a user, which no URL may have. */
const noHost = '___none___'

/** As the driver reads it; `undefined` for what it cannot read. */
function parse(text: string): URL | undefined {
  const encoded = text.replaceAll(/%(?![\da-f]{2})/gi, '%25')
  const url = URL.parse(encoded) ?? URL.parse(encoded.replace('@/', `@${noHost}/`)) ?? undefined
  const parts = url && [url.username, url.password, url.hostname, url.pathname]
  return parts?.every(isDecodable) ? url : undefined
}

function hostOf(url: URL | undefined): string {
  const host = url?.hostname.replace(/^\[(.+)\]$/, '$1') ?? ''
  return host === noHost ? '' : host
}

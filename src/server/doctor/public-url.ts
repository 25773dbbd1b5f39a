import { say } from '../../admin/findings.ts'
import type { Config } from '../../config/config.ts'
import { isLoopback } from '../../lib/ip.ts'
import { reasonOf } from '../../lib/reason.ts'
import { signingKeysInUse } from '../../store/admin/diagnosis.ts'
import type { Database } from '../../store/types.ts'
import { type Check, type Finding, ok, problem, type Surroundings, warning } from './check.ts'
import { reach } from './delivery.ts'

const requestTimeoutMs = 8_000
const dayMs = 86_400_000

interface Parts extends Pick<Surroundings, 'now' | 'network'> {
  db: Database
}

/** The way from the outside: the proxy, its certificate, and that it leads to a server on this database. */
export function publicUrlChecks(config: Config, parts: Parts): Check[] {
  return [
    { name: 'proxy', run: async () => checkProxy(config) },
    ...config.realms.flatMap(({ name, publicUrl }) => {
      const suffix = config.realms.length > 1 ? ` of ${name}` : ''
      return [
        { name: `certificate${suffix}`, run: () => checkCertificate(publicUrl, parts.now) },
        { name: `public address${suffix}`, run: () => checkAddress(config, { name, publicUrl }, parts) },
      ]
    }),
  ]
}

function checkProxy({ mode, host, realms, trustedProxies }: Config): Finding {
  const isHttps = realms.every(({ publicUrl }) => publicUrl.startsWith('https:'))
  const isBehindProxy = realms.some(({ publicUrl }) => publicUrl.startsWith('https:'))
  if (isBehindProxy && trustedProxies.length === 0) {
    return warning(
      say(
        'the public URL is https, which a proxy must terminate, and no proxy is trusted: everybody has one IP address',
      ),
      say('set MANYDOORS_TRUSTED_PROXIES to the IP address of the proxy'),
    )
  }
  if (mode === 'production' && !isHttps)
    return problem(
      say('the public URL is http: passwords can be read on the way'),
      say('put a proxy with TLS before it'),
    )
  if (trustedProxies.some((range) => range.endsWith('/0') || range.endsWith('/1')))
    return problem(
      say('everybody is trusted as a proxy'),
      say('set MANYDOORS_TRUSTED_PROXIES to the proxies alone'),
    )
  if (mode === 'development' && !isLoopback(host))
    return warning(
      say('development listens on {host}', { host }),
      say('set NODE_ENV=production, or HOST=127.0.0.1'),
    )
  return ok(
    trustedProxies.length > 0
      ? say('trusted: {proxies}', { proxies: trustedProxies.join(', ') })
      : say('none'),
  )
}

async function checkCertificate(publicUrl: string, now: () => number): Promise<Finding | undefined> {
  const url = new URL(publicUrl)
  if (url.protocol !== 'https:') return undefined
  const { expiresAt } = await reach(url)
  if (expiresAt === undefined) return undefined
  const days = Math.floor((expiresAt - now()) / dayMs)
  const until = new Date(expiresAt).toISOString().slice(0, 10)
  const says = say('good until {until}, {days} days from now', { until, days })
  return days < 14 ? warning(says, say('renew it, and see why that has not been done by itself')) : ok(says)
}

/** Asks for the JWKS, which tells a server on our database from another. */
async function checkAddress(
  { mode }: Config,
  { name, publicUrl }: { name: string; publicUrl: string },
  { db, network }: Parts,
): Promise<Finding> {
  const judge = mode === 'production' ? problem : warning
  const ask = (path: string) =>
    network(`${publicUrl}${path}`, { signal: AbortSignal.timeout(requestTimeoutMs), redirect: 'manual' })
  try {
    const health = await ask('/healthz')
    if (health.status !== 200)
      return judge(
        say('{url} answers {status}', { url: `${publicUrl}/healthz`, status: health.status }),
        say('see that the proxy passes everything on'),
      )
    const answer = await ask('/.well-known/jwks.json')
    const published = (await answer.json()) as { keys?: { kid?: string }[] }
    const ours = new Set(
      (await signingKeysInUse(db)).filter(({ realm }) => realm === name).map(({ id }) => id),
    )
    const isOurs = published.keys?.some(({ kid }) => kid !== undefined && ours.has(kid))
    return isOurs
      ? ok(say('{url} leads to a server on this database', { url: publicUrl }))
      : judge(
          say('{url} leads to another server', { url: publicUrl }),
          say('see where it leads: its keys are not in this database'),
        )
  } catch (error) {
    return judge(
      say('{url} cannot be reached from here: {reason}', { url: publicUrl, reason: reasonOf(error) }),
      say('see that server and proxy run'),
    )
  }
}

import { createServer, type RequestListener } from 'node:http'
import type { MetricsConfig } from '../config/sections/metrics.ts'
import type { Log } from '../core/log.ts'
import type { MetricsSource } from './metrics.ts'

/** Where metrics can be scraped. */
export interface Listening {
  /** Its URL, or why there is none; nothing where somebody else says it. */
  place?: string
  port?: number
  close(): Promise<void>
}

/** Makes metrics available to whoever scrapes them, until it is closed. */
export type Publish = (source: MetricsSource) => Promise<Listening>

/** How long a scraper may take to send its request. */
const requestTimeoutMs = 10_000

/**
 * Serves metrics where the configuration wants them; `undefined` when it names no port for them. Throws when a port
 * that somebody has asked for cannot be had; without the default one, metrics are not served.
 */
export async function publishMetrics(
  source: MetricsSource,
  { host, port, isRequired }: MetricsConfig,
  log: Log,
): Promise<Listening | undefined> {
  if (port === undefined) return undefined
  try {
    return await listen(source, { host, port }, log)
  } catch (error) {
    if (isRequired) throw error
    const { code } = error as NodeJS.ErrnoException
    const place = `not served, as ${host}:${port} cannot be had (${code}): set MANYDOORS_METRICS_PORT`
    return { place, close: async () => {} }
  }
}

/** Serves `/metrics` on an IP address of its own. Throws when that cannot be had. */
async function listen(
  source: MetricsSource,
  { host, port }: { host: string; port: number },
  log: Log,
): Promise<Listening> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, answering(source, log))
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen({ host, port, exclusive: true }, listening)
  })
  // Nobody waits for a scrape that may come.
  server.unref()
  const { port: taken } = server.address() as { port: number }
  return {
    place: `http://${host.includes(':') ? `[${host}]` : host}:${taken}/metrics`,
    port: taken,
    close: async () => {
      const closed = new Promise<void>((closed) => server.close(() => closed()))
      server.closeAllConnections()
      await closed
    },
  }
}

function answering(
  { text, contentType }: Pick<MetricsSource, 'text' | 'contentType'>,
  log: Log,
): RequestListener {
  return async (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (request.url?.split('?', 1)[0] !== '/metrics' || !isRead) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Metrics are at /metrics.\n')
      return
    }
    try {
      const body = await text()
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body)
    } catch (error) {
      log.error({ err: error }, 'metrics cannot be read')
      response.writeHead(500, { 'content-type': 'text/plain' }).end('Metrics cannot be read.\n')
    }
  }
}

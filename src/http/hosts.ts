import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Log } from '../core/log.ts'
import { maxHeaders } from './app.ts'
import type { AppOnDemand } from './app-on-demand.ts'
import { namedHost } from './named-host.ts'
import { followConnections } from './open-connections.ts'
import { isBelow, routedPath } from './route-owner.ts'
import { contradictsItself } from './strict-requests.ts'
import type { App } from './types.ts'

/** An app, and the names under which it is asked for, in small letters; without names, under all others. */
export interface AppAtHosts {
  app: AppOnDemand
  hosts: string[]
  /** It has what is at that path and below it, whatever the host. */
  path?: string
}

/** A port that is listened on, with apps to serve or not yet. */
export interface OpenPort {
  port: number
  /** Hands each request to the app that has the host it names, from now on. */
  serve(apps: AppAtHosts[], log: Log): void
  /** Takes nothing more, and ends when what runs is answered. */
  close(): Promise<void>
}

/** How long a request may go on arriving while the server closes. */
const unfinishedTimeoutMs = 1000

/** For probes, which call a process by its IP address. */
const healthPaths = ['/healthz', '/readyz']

/**
 * Listens on one port. Until there are apps to serve, `/healthz` answers and everything else gets a 503 with `Retry-After`.
 * Throws when the port cannot be had.
 */
export async function openPort(
  { host, port }: { host: string; port: number },
  serverOptions: Parameters<typeof createServer>[0] & object,
): Promise<OpenPort> {
  const server = createServer(serverOptions)
  server.maxHeadersCount = maxHeaders
  const connections = followConnections(server)
  server.on('request', answerEarly)
  server.on('checkExpectation', answerEarly)
  let served: AppAtHosts[] = []
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    // Node would take the first address that this name has, which may be one that clients do not try.
    server.listen({ port, host: host === 'localhost' ? '127.0.0.1' : host }, () => {
      server.off('error', failed)
      listening()
    })
  })
  return {
    port: (server.address() as { port: number }).port,
    serve: (apps, log) => {
      served = apps
      server.off('request', answerEarly)
      server.off('checkExpectation', answerEarly)
      dispatch(server, apps, log)
    },
    close: async () => {
      const closed = new Promise((closed) => server.close(closed))
      // Said by hooks of an app, too, but not where an answer is given outside of it.
      connections.endAnswered()
      const timer = setInterval(connections.endUnused, unfinishedTimeoutMs)
      await closed
      clearInterval(timer)
      for (const { app } of served) await app.close()
    },
  }
}

function answerEarly(request: IncomingMessage, response: ServerResponse): void {
  if (routedPath(request.url ?? '') === '/healthz') answer(response, 200, { status: 'ok' })
  else answer(response.setHeader('retry-after', '1'), 503, { error: 'unavailable' })
}

/** Hands everything that happens at a server on to the server of the app that it is for, none of which listens. */
function dispatch(server: Server, apps: AppAtHosts[], log: Log): void {
  const byPath = apps.filter(({ path }) => path !== undefined)
  const byHost = new Map(apps.flatMap(({ app, hosts }) => hosts.map((host) => [host, app] as const)))
  const others = apps.find(({ hosts, path }) => hosts.length === 0 && path === undefined)?.app
  const first = apps[0]?.app
  /** Of each connection, the app that its latest request was for. */
  const latest = new WeakMap<Socket, AppOnDemand>()
  const appFor = (request: IncomingMessage): AppOnDemand | undefined => {
    const atPath = byPath.length > 0 && appAt(byPath, request)
    if (atPath) return atPath
    const app = byHost.get(namedHost(request)) ?? others
    return app ?? (healthPaths.includes(routedPath(request.url ?? '')) ? first : undefined)
  }
  const whenOpen = (app: AppOnDemand | undefined, use: (app: App) => void, failed = () => {}) => {
    if (app?.opened) {
      use(app.opened)
      return
    }
    app?.open().then(use, (error: unknown) => {
      log.error({ err: error }, 'internal')
      failed()
    })
  }
  const handOn = (event: 'request' | 'checkExpectation') =>
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      const app = appFor(request)
      if (!app) {
        answerNobody(request, response)
        return
      }
      latest.set(request.socket, app)
      whenOpen(
        app,
        ({ server }) => server.emit(event, request, response),
        () => answer(response, 500, { error: 'internal' }),
      )
    })
  handOn('request')
  handOn('checkExpectation')
  server.on('connect', (request: IncomingMessage, ...rest) => {
    // Until the app takes it over: nobody else listens for one that breaks.
    request.socket.on('error', () => {})
    whenOpen(appFor(request) ?? first, ({ server }) => server.emit('connect', request, ...rest))
  })
  server.on('clientError', (error, socket: Socket) =>
    whenOpen(latest.get(socket) ?? others ?? first, ({ server }) =>
      server.emit('clientError', error, socket),
    ),
  )
}

function appAt(apps: AppAtHosts[], { url = '' }: IncomingMessage): AppOnDemand | undefined {
  const path = routedPath(url)
  return apps.find((app) => app.path !== undefined && isBelow(path, app.path))?.app
}

/** Refuses a request that names no host of ours. */
function answerNobody(request: IncomingMessage, response: ServerResponse): void {
  if (contradictsItself(request)) answer(response, 400, { error: 'bad_request' })
  // RFC 9110 §15.5.20
  else answer(response, 421, { error: 'misdirected_request' })
}

/** Answers in plain words, where no dialect is meant. */
function answer(response: ServerResponse, status: number, content: object): void {
  const body = JSON.stringify(content)
  response.writeHead(status, {
    'content-length': Buffer.byteLength(body),
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  response.end(body)
}

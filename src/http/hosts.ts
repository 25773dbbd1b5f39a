import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type App, mostHeaders } from './app.ts'
import { namedHost } from './named-host.ts'
import { routedPath } from './route-owner.ts'
import { contradictsItself } from './strict-requests.ts'

/** An app, and the names under which it is asked for, in small letters; without names, under all others. */
export interface AppAtHosts {
  app: App
  hosts: string[]
}

/** A server that listens. */
export interface Listening {
  port: number
  /** Takes nothing more, and ends when what runs is answered. */
  close(): Promise<void>
}

/** Asked by what watches a process, which knows it under no name. */
const healthPaths = ['/healthz', '/readyz']

/** Listens on one port for all apps; each request goes to the app that has the host it names. */
export async function listenFor(
  apps: AppAtHosts[],
  address: { host: string; port: number },
  serverOptions: Parameters<typeof createServer>[0] & object,
): Promise<Listening> {
  const [only] = apps
  if (only && apps.length === 1 && only.hosts.length === 0) return listenAlone(only.app, address)
  for (const { app } of apps) await app.ready()
  const server = createServer(serverOptions)
  server.maxHeadersCount = mostHeaders
  dispatch(server, apps)
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(address, () => {
      server.off('error', failed)
      listening()
    })
  })
  return {
    port: portOf(server),
    close: async () => {
      await new Promise((closed) => server.close(closed))
      for (const { app } of apps) await app.close()
    },
  }
}

async function listenAlone(app: App, address: { host: string; port: number }): Promise<Listening> {
  await app.listen(address)
  return { port: portOf(app.server), close: () => app.close() }
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port
}

/** Hands everything that happens at a server on to the server of the app that it is for, none of which listens. */
function dispatch(server: Server, apps: AppAtHosts[]): void {
  const byHost = new Map(apps.flatMap(({ app, hosts }) => hosts.map((host) => [host, app] as const)))
  const others = apps.find(({ hosts }) => hosts.length === 0)?.app
  const [first] = apps
  /** Of each connection, the app that its latest request was for. */
  const latest = new WeakMap<Socket, App>()
  const appFor = (request: IncomingMessage): App | undefined => {
    const app = byHost.get(namedHost(request)) ?? others
    return app ?? (healthPaths.includes(routedPath(request.url ?? '')) ? first?.app : undefined)
  }
  const handOn = (event: 'request' | 'checkExpectation') =>
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      const app = appFor(request)
      if (!app) return refuse(response, contradictsItself(request) ? contradictory : misdirected)
      latest.set(request.socket, app)
      app.server.emit(event, request, response)
    })
  handOn('request')
  handOn('checkExpectation')
  server.on('connect', (request: IncomingMessage, ...rest) =>
    (appFor(request) ?? first?.app)?.server.emit('connect', request, ...rest),
  )
  server.on('clientError', (error, socket: Socket) =>
    (latest.get(socket) ?? others ?? first?.app)?.server.emit('clientError', error, socket),
  )
}

const contradictory = { status: 400, error: 'bad_request' }
/** RFC 9110 §15.5.20 */
const misdirected = { status: 421, error: 'misdirected_request' }

/** For nobody whose words could be spoken. */
function refuse(response: ServerResponse, { status, error }: { status: number; error: string }): void {
  const body = JSON.stringify({ error })
  response.writeHead(status, {
    'content-length': Buffer.byteLength(body),
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  response.end(body)
}

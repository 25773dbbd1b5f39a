import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** A reverse proxy on the loopback. */
export interface RoundRobin {
  /** `http://127.0.0.1:PORT` */
  url: string
  close(): Promise<void>
}

/**
 * Sends every request to the next of the targets, and adds the caller's address to `X-Forwarded-For`, as nginx and
 * Caddy do. Answers 502 when a target breaks off before its answer has begun. `targets` is asked for each request.
 */
export async function startRoundRobin(targets: () => string[]): Promise<RoundRobin> {
  let turns = 0
  const server = createServer((incoming, outgoing) => {
    const urls = targets()
    const target = urls[turns++ % urls.length]
    if (target === undefined) outgoing.writeHead(502).end()
    else forward(target, incoming, outgoing)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise((closed) => server.close(closed))
      server.closeAllConnections()
      await closed
    },
  }
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { hostname, port } = new URL(target)
  const { method, url: path, headers, socket } = incoming
  const forwardedFor = [headers['x-forwarded-for'], socket.remoteAddress].flat().filter(Boolean).join(', ')
  const upstream = request({
    hostname,
    port,
    method,
    path,
    // A connection of its own: one that is kept may be closed by the target in the moment of its use.
    agent: false,
    headers: { ...headers, connection: 'close', 'x-forwarded-for': forwardedFor },
  })
  upstream.on('response', (answer) => {
    const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...answered } = answer.headers
    outgoing.writeHead(answer.statusCode ?? 502, answered)
    answer.pipe(outgoing)
  })
  // After the answer has begun, what breaks is the rest of a body that the target did not want to read.
  upstream.on('error', () => {
    if (!outgoing.headersSent) outgoing.writeHead(502).end()
  })
  outgoing.on('close', () => upstream.destroy())
  incoming.pipe(upstream)
}

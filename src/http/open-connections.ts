import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The connections of a server. */
export interface OpenConnections {
  /** Ends those on which no request is being answered: those that say nothing, and those with half a request. */
  endUnused(): void
}

/** Follows the connections of a server from now on. Node itself leaves unused ones open while its server closes. */
export function followConnections(server: Server): OpenConnections {
  /** With how many requests are being answered on each. */
  const running = new Map<Socket, number>()
  const change = (socket: Socket, by: number) => {
    const count = running.get(socket)
    if (count !== undefined) running.set(socket, count + by)
  }
  server.on('connection', (socket: Socket) => {
    running.set(socket, 0)
    socket.once('close', () => running.delete(socket))
  })
  const count = ({ socket }: IncomingMessage, response: ServerResponse) => {
    change(socket, 1)
    response.once('close', () => change(socket, -1))
  }
  server.prependListener('request', count)
  server.prependListener('checkExpectation', count)
  return {
    endUnused: () => {
      for (const [socket, requests] of running) if (requests === 0) socket.destroy()
    },
  }
}

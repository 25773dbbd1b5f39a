import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The connections of a server. */
export interface OpenConnections {
  /** Ends those on which no request is being answered: those that say nothing, and those with half a request. */
  endUnused(): void
  /** Has each of the others end with the answer that is awaited on it, where that has not begun. */
  endAnswered(): void
}

/** Follows the connections of a server from now on. Node itself leaves unused ones open while its server closes. */
export function followConnections(server: Server): OpenConnections {
  /** With the answers that are awaited on each. */
  const running = new Map<Socket, Set<ServerResponse>>()
  server.on('connection', (socket: Socket) => {
    running.set(socket, new Set())
    socket.once('close', () => running.delete(socket))
  })
  const follow = ({ socket }: IncomingMessage, response: ServerResponse) => {
    running.get(socket)?.add(response)
    response.once('close', () => running.get(socket)?.delete(response))
  }
  server.prependListener('request', follow)
  server.prependListener('checkExpectation', follow)
  return {
    endUnused: () => {
      for (const [socket, responses] of running) if (responses.size === 0) socket.destroy()
    },
    endAnswered: () => {
      for (const response of [...running.values()].flatMap((responses) => [...responses]))
        if (!response.headersSent) response.setHeader('connection', 'close')
    },
  }
}

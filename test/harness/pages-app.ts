import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An app without a server of its own, which a browser opens. */
export interface PagesApp {
  /** Another site than that of the server is: `http://127.0.0.1:PORT`. */
  origin: string
  close(): Promise<void>
}

/** Serves the pages of such an app on a free port of the loopback. The caller closes it. */
export async function servePages(answer: RequestListener): Promise<PagesApp> {
  const server = createServer(answer)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

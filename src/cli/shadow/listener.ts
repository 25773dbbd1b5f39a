import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { isLoopback } from '../../lib/ip.ts'
import { CommandError } from '../failure.ts'
import type { ListenAddress } from './listen-address.ts'

export interface ListenerOptions {
  listen: ListenAddress
  tlsCert?: string
  tlsKey?: string
  plain?: boolean
}

/** As old servers behind a proxy have it: they see to their own limits. */
const limits = { requestTimeout: 0, maxHeaderSize: 64 * 1024 }

/** Listens. Throws `CommandError` where passwords would come over a network in plain text and nobody has said so. */
export async function createListener(
  handle: RequestListener,
  { listen, tlsCert, tlsKey, plain }: ListenerOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const { host, port } = listen
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new CommandError('--tls-cert and --tls-key belong together')
  const isTls = tlsCert !== undefined && tlsKey !== undefined
  if (!isTls && !plain && !isLoopback(host))
    throw new CommandError(
      `passwords would come to ${host} in plain text: give --tls-cert and --tls-key, or --plain where something before it has TLS`,
    )
  const server = isTls
    ? createHttpsServer({ ...limits, cert: await readFile(tlsCert), key: await readFile(tlsKey) }, handle)
    : createHttpServer(limits, handle)
  server.listen(port, host)
  await once(server, 'listening')
  const { port: given } = server.address() as AddressInfo
  const name = host.includes(':') ? `[${host}]` : host
  return {
    url: `${isTls ? 'https' : 'http'}://${name}:${given}`,
    close: async () => {
      server.close()
      server.closeIdleConnections()
      await once(server, 'close')
    },
  }
}

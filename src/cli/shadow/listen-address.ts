import { argument } from '../terminal/arguments.ts'

/** Where to listen. */
export interface ListenAddress {
  host: string
  port: number
}

/** A port of this machine, or a host and a port. */
export const listenArgument = argument(readListenAddress, 'It must be a port, or like 127.0.0.1:8081.')

function readListenAddress(text: string): ListenAddress | undefined {
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535) return undefined
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

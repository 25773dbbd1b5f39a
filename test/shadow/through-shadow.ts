import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dialects } from '../../src/dialects/registry.ts'
import { createShadow, type Shadow, type ShadowOptions } from '../../src/shadow/shadow.ts'
import { send, type TestServer } from '../harness/harness.ts'

export interface RunningShadow extends Shadow {
  url: string
  /** The old server, whose requests go through the shadow. */
  server: TestServer
  stop(): Promise<void>
}

type Options = Partial<ShadowOptions> & { dialect: string; newUrl: string }
/** A whole server, or as much of one as is asked over the wire. */
type Old = Pick<TestServer, 'url'> & Partial<TestServer>

/** A shadow before a server, on a free port. The caller stops it. */
export async function startShadow(old: Old, options: Options): Promise<RunningShadow> {
  const known = dialects.find(({ door }) => door.dialect === options.dialect)
  if (!known?.shadow) throw new Error(`no shadow of ${options.dialect}`)
  const shadow = createShadow({
    prefixes: known.prefixes,
    fields: known.shadow,
    old: new URL(old.url),
    fresh: new URL(options.newUrl),
    sample: 1,
    now: old.clock?.now ?? Date.now,
    ...options,
  })
  const listener = createServer(shadow.handle)
  const url = await listen(listener)
  const server: TestServer = Object.create(old, {
    url: { value: url },
    request: {
      value: async (method: string, path: string, given = {}) => send(`${url}${path}`, method, given),
    },
  })
  const stop = async () => {
    listener.closeAllConnections()
    await new Promise((closed) => listener.close(closed))
    shadow.close()
  }
  return { ...shadow, url, server, stop }
}

/** Its address, once it listens on a free port of the loopback. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

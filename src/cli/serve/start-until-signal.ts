import type { Config } from '../../config/config.ts'
import { type Server, startServer } from '../../server/server.ts'
import type { Overrides } from '../../server/start-parts.ts'
import { stopOnSignal } from './stop-signals.ts'

/** Starts a server that a signal closes, with the process. `undefined` when the signal comes before it serves. */
export async function startUntilSignal(
  config: Config,
  overrides: Overrides = {},
): Promise<Server | undefined> {
  const stopping = new AbortController()
  const starting = startServer(config, { ...overrides, stopping: stopping.signal })
  stopOnSignal(async () => {
    stopping.abort()
    const server = await starting.catch((): Server | undefined => undefined)
    await server?.close()
  })
  try {
    const server = await starting
    return stopping.signal.aborted ? undefined : server
  } catch (error) {
    if (stopping.signal.aborted && error instanceof Error && error.name === 'AbortError') return undefined
    throw error
  }
}

import { announce } from './announce.ts'
import { ConfigError, readConfig, sizeThreadPool } from './config.ts'
import { DatabaseUnavailable } from './store/unavailable.ts'

sizeThreadPool()
const { startServer } = await import('./server.ts')

try {
  const server = await startServer(readConfig())
  process.stdout.write(announce(server))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(server))
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : explain(error)}\n`)
  process.exitCode = 1
}

/** In milliseconds: what has not ended by then would be killed by whoever sent the signal, and less kindly. */
const longestStop = 25_000

async function stop(server: { close(): Promise<void> }): Promise<void> {
  setTimeout(() => process.exit(1), longestStop).unref()
  await server.close()
  process.exit(0)
}

/** In one line what an operator can mend: a port, a folder, a database. The rest is our fault and keeps its stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof DatabaseUnavailable) return `${error.message}: ${reasonOf(error.cause)}`
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `${error.message}: set PORT to another one.`
  return code !== undefined && !code.startsWith('ERR_') ? error.message : (error.stack ?? error.message)
}

/** Where a host has several addresses and none answers, the error has a code and no message. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error
    ? cause.message || String((cause as NodeJS.ErrnoException).code)
    : String(cause)
}

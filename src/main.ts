import { announce } from './announce.ts'
import { ConfigError, readConfig, sizeThreadPool } from './config.ts'

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

async function stop(server: { close(): Promise<void> }): Promise<void> {
  await server.close()
  process.exit(0)
}

function explain(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    return `${(error as Error).message}: set PORT to another one.`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

import type pino from 'pino'

/** Logs an uncaught exception or rejection as one line, and exits with 1. */
export function logLastWords(log: pino.Logger): void {
  process.on('uncaughtException', (thrown: unknown) => {
    // Whatever was thrown, so that the line has its stack or at least its text.
    const error = thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`)
    log.fatal({ err: error }, 'uncaught exception, exiting')
    process.exit(1)
  })
}

import type pino from 'pino'

/**
 * Has the log say what ends the process when something fails that nobody has caught, a promise or a call: one line, and
 * the exit code 1.
 */
export function logLastWords(log: pino.Logger): void {
  process.on('uncaughtException', (thrown: unknown) => {
    // Whatever was thrown, so that the line has its stack or at least its text.
    const error = thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`)
    log.fatal({ err: error }, 'the process ends: a failure was not caught')
    process.exit(1)
  })
}

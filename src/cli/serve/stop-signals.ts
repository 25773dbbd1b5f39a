/** What has not ended by then would be killed by whoever sent the signal, and less kindly. */
const defaultTimeoutMs = 25_000

/**
 * Has the first SIGTERM or SIGINT run `stop` and then end the process, with 0 when nothing has failed. Further ones
 * change nothing: in a terminal, npm passes on what the process has got already.
 */
export function stopOnSignal(stop: () => Promise<void>, timeoutMs = defaultTimeoutMs): void {
  let isStopping = false
  const begin = async () => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), timeoutMs).unref()
    await stop()
    process.exit(process.exitCode ?? 0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, begin)
}

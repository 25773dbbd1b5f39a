/** Work that is done when there may be some. */
export interface Rounds {
  /** Has a round begin now. */
  wake(): void
  /** Has one begin in so many milliseconds, if none does before. */
  wakeIn(pauseMs: number): void
  /** Waits for the round that runs, and begins none after it. */
  stop(): Promise<void>
}

/** Does `work` when woken, one round at a time, and again when woken meanwhile. */
export function startRounds(work: () => Promise<void>, onFailure: (error: unknown) => void): Rounds {
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let isWoken = false
  let isStopped = false

  const run = async () => {
    try {
      do {
        isWoken = false
        await work()
      } while (isWoken && !isStopped)
    } catch (error) {
      onFailure(error)
    }
  }
  const wake = () => {
    isWoken = true
    if (round || isStopped) return
    clearTimeout(timer)
    round = new Promise<void>((started) => setImmediate(started)).then(run).finally(() => {
      round = undefined
      // Woken after the last look and before the end of the round.
      if (isWoken) wake()
    })
  }
  const wakeIn = (pauseMs: number) => {
    clearTimeout(timer)
    if (!isStopped) timer = setTimeout(wake, pauseMs)
  }
  const stop = async () => {
    isStopped = true
    clearTimeout(timer)
    await round
  }
  return { wake, wakeIn, stop }
}

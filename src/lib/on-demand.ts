/** Work that is done when somebody asks for it, at most once at a time, and what it came to the last time. */
export interface OnDemand<Result> {
  /** Begins it, unless it is under way. Returns at once; what it throws is kept as its failure. */
  start(): void
  state(): OnDemandState<Result>
  /** Once what is under way is over. */
  settled(): Promise<void>
}

export interface OnDemandState<Result> {
  isRunning: boolean
  /** Of the last time that it has ended; times in epoch milliseconds. */
  last?: { at: number; tookMs: number; result: Result } | { at: number; tookMs: number; error: unknown }
}

/** Makes work be done on demand. `now` is in epoch milliseconds. */
export function onDemand<Result>(work: () => Promise<Result>, now: () => number): OnDemand<Result> {
  let running: Promise<void> | undefined
  let last: OnDemandState<Result>['last']
  const run = async () => {
    const begin = now()
    const outcome = await work().then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    )
    last = { at: now(), tookMs: now() - begin, ...outcome }
    running = undefined
  }
  return {
    start: () => {
      running ??= run()
    },
    state: () => ({ isRunning: running !== undefined, ...(last && { last }) }),
    settled: async () => running,
  }
}

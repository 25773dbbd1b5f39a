import type { Log } from '../../core/log.ts'

/** Work that comes round again and again; every node does it, so it must not matter when several do it at once. */
export interface MaintenanceTask {
  name: string
  /** Between the end of one run and the next. */
  intervalMs: number
  /** Ends early when `stopping` is aborted. */
  run(stopping: AbortSignal): Promise<void>
}

export interface Maintenance {
  /** Runs every task at once and waits for it; those that fail are logged. */
  runAll(): Promise<void>
  /** Ends what runs and begins nothing more. */
  stop(): Promise<void>
}

/** Runs each task by itself, the first time after its interval. One that fails is logged and tried again. */
export function startMaintenance({ tasks, log }: { tasks: MaintenanceTask[]; log: Log }): Maintenance {
  const loops = tasks.map((task) => startLoop(task, log))
  return {
    runAll: async () => void (await Promise.all(loops.map(({ runNow }) => runNow()))),
    stop: async () => void (await Promise.all(loops.map(({ stop }) => stop()))),
  }
}

function startLoop({ name, intervalMs, run }: MaintenanceTask, log: Log) {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined

  const schedule = () => {
    if (!stopping.signal.aborted) timer = setTimeout(start, intervalMs).unref()
  }
  const runNow = async () => {
    const attempt = run(stopping.signal).catch((error) =>
      log.error({ err: error, task: name }, 'maintenance failed, to be tried again'),
    )
    running.add(attempt)
    await attempt
    running.delete(attempt)
  }
  const start = () => void runNow().then(schedule)
  schedule()
  return {
    runNow,
    stop: async () => {
      stopping.abort()
      clearTimeout(timer)
      await Promise.all(running)
    },
  }
}

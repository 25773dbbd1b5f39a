/** Work that is done in turn where it has a lane in common, and side by side where it has none. */
export interface WorkQueue {
  /** `false` when it is full, and the work will not be done. */
  add(lanes: string[], work: () => Promise<void>): boolean
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>
}

/** So much waits at most, and so much is done at a time. */
export function createWorkQueue(limits: { queueLength: number; concurrency: number }): WorkQueue {
  const last = new Map<string, Promise<void>>()
  const slots = createSlots(limits.concurrency)
  let waiting = 0
  let running = 0
  const run = async (before: Promise<void>[], work: () => Promise<void>) => {
    await Promise.all(before)
    await slots.take()
    waiting--
    running++
    await work().finally(() => {
      running--
      slots.free()
    })
  }
  return {
    add: (lanes, work) => {
      if (waiting >= limits.queueLength) return false
      waiting++
      const before = lanes.map((lane) => last.get(lane)).filter((work) => work !== undefined)
      // What fails is a fault of ours, and holds up nobody's lane.
      const done = run(before, work).catch(() => {})
      for (const lane of lanes) last.set(lane, done)
      void done.then(() => {
        for (const lane of lanes) if (last.get(lane) === done) last.delete(lane)
      })
      return true
    },
    idle: async () => {
      while (waiting + running > 0) await Promise.all(last.values())
    },
  }
}

function createSlots(count: number) {
  const waiting: (() => void)[] = []
  let free = count
  return {
    take: async () => {
      if (free > 0) free--
      else await new Promise<void>((go) => waiting.push(go))
    },
    free: () => {
      const next = waiting.shift()
      if (next) next()
      else free++
    },
  }
}

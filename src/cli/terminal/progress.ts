import { SingleBar } from 'cli-progress'
import type { Outside } from '../outside.ts'

export interface Progress {
  /** Begins the bar of one piece of the work. */
  begin(label: string, total: number): void
  /** How much of it is done, and how much there is where that was not known. */
  update(done: number, total?: number): void
  /** Ends the bar that runs, if one does. */
  end(): void
}

const none: Progress = { begin: () => {}, update: () => {}, end: () => {} }

/** Bars on standard error while a person watches it on a terminal, and else nothing. */
export function createProgress(stderr: Outside['stderr']): Progress {
  if (!stderr.isTTY) return none
  let bar: SingleBar | undefined
  const end = () => {
    bar?.stop()
    bar = undefined
  }
  return {
    begin: (label, total) => {
      end()
      const format = `${label.padEnd(16)} [{bar}] {percentage}% {value}/{total} {duration_formatted}`
      bar = new SingleBar({ format, hideCursor: true, stream: stderr })
      bar.start(total, 0)
    },
    update: (done, total) => {
      if (total !== undefined) bar?.setTotal(total)
      bar?.update(done)
    },
    end,
  }
}

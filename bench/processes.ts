import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadRequest, LoadResult } from './load.ts'

export interface ServerProcess {
  url: string
  /** What it says of itself: `{ rss, delayP99, delayMax }`, in bytes and milliseconds. */
  stats(): Promise<{ rss: number; delayP99: number; delayMax: number }>
  /** Processor time that all its threads have taken, in microseconds. */
  cpu(): number
  stop(): Promise<void>
}

/** Of the clock that the kernel counts processor time by: 100 a second on all Linux. */
const tickMicroseconds = 10_000

function cpuOf(pid: number | undefined): number {
  // Behind the name, which may have blanks in it: user and system time are the 14th and 15th field.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMicroseconds
}

/** Starts a server of `bench/` in a process of its own. */
export async function startServer(
  file: string,
  { env, execArgv = [] }: { env: Record<string, string>; execArgv?: string[] },
): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, file), { env: { ...basics(), ...env }, execArgv })
  const { port } = await answerOf<{ port: number }>(child)
  return {
    url: `http://127.0.0.1:${port}`,
    stats: async () => {
      child.send('stats')
      return answerOf(child)
    },
    cpu: () => cpuOf(child.pid),
    stop: () => end(child),
  }
}

/** What makes the load: one process for as long as its tokens are good. */
export interface Load {
  run(request: LoadRequest): Promise<LoadResult>
  stop(): Promise<void>
}

export function startLoad(): Load {
  const child = fork(join(import.meta.dirname, 'load.ts'))
  return {
    run: (request) => {
      child.send(request)
      return answerOf(child)
    },
    stop: () => end(child),
  }
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const answered = (answer: T) => {
      child.off('exit', gone)
      resolve(answer)
    }
    const gone = (code: number | null) => {
      child.off('message', answered)
      reject(new Error(`${child.spawnargs.at(-1)} ended with ${code}`))
    }
    child.once('message', answered)
    child.once('exit', gone)
  })
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.disconnect()
  await exit
}

function basics(): Record<string, string> {
  const { PATH = '', TMPDIR } = process.env
  return { PATH, ...(TMPDIR && { TMPDIR }) }
}

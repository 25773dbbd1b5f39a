import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LoadRequest, LoadResult } from './load.ts'

export interface ServerProcess {
  url: string
  /** What it says of itself: `{ rss, delayP99, delayMax }`, in bytes and milliseconds. */
  stats(): Promise<{ rss: number; delayP99: number; delayMax: number }>
  stop(): Promise<void>
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

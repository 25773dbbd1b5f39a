import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/global-setup.ts'
import { environmentOf } from './seed.ts'

/** How long it is left alone before its memory is looked at. */
const restMs = 3000

/** How the program comes up, and what it takes of memory then. */
export interface Start {
  /** Until it answers. */
  seconds: number
  /** In MB: all its pages, and those with its share alone of what other processes have mapped as well. */
  rss: number
  pss: number
}

/**
 * Starts the program of a checkout as `npm start` does, on a database of its own, with those settings of the realm
 * `main`; `use` is asked for once it is up.
 */
export async function startOnce({
  checkout = join(import.meta.dirname, '..'),
  realm,
  use,
}: {
  checkout?: string
  realm?: object
  use?: string
} = {}): Promise<Start> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-bench-'))
  const port = String(await freePort())
  const env: Record<string, string> = { PATH: process.env.PATH ?? '', ...environmentOf(folder), PORT: port }
  if (realm) {
    env.MANYDOORS_CONFIG = join(folder, 'manydoors.yaml')
    await writeFile(env.MANYDOORS_CONFIG, JSON.stringify({ realms: { main: realm } }))
  }
  const began = performance.now()
  const program = join(checkout, 'bin', 'manydoors.js')
  const child = spawn(process.execPath, [program], { env, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  try {
    const answers = async (path: string) => {
      while (!(await isOk(`${url}${path}`))) {
        if (child.exitCode !== null)
          throw new Error(`the program ended with ${child.exitCode} before it answered`)
        await pause(5)
      }
    }
    await answers('/healthz')
    const seconds = (performance.now() - began) / 1000
    // It says that it is not ready while it opens its realms.
    if (use !== undefined) await answers(use)
    await pause(restMs)
    return { seconds, ...(await memoryOf(child.pid)) }
  } finally {
    const exit = once(child, 'exit')
    child.kill()
    await exit
    await rm(folder, { recursive: true, force: true })
  }
}

async function isOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

async function memoryOf(pid: number | undefined): Promise<Pick<Start, 'rss' | 'pss'>> {
  const maps = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(maps)?.[1]) / 1024
  return { rss: of('Rss'), pss: of('Pss') }
}

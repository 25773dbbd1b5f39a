import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/global-setup.ts'
import { spread } from './compare.ts'
import type { Figure } from './report.ts'
import { environmentOf } from './seed.ts'
import { fewPeople, openStage } from './stage.ts'

const starts = 7
const requests = 100_000

/** What the server costs that nobody uses, and after much use. */
export async function measureCost(): Promise<Figure[]> {
  const started = []
  for (let count = 0; count < starts; count++) started.push(await startOnce())
  const [afterUse = Number.NaN, afterRest = Number.NaN] = await memoryAfterUse()
  return [
    {
      name: 'start to first answer',
      unit: 's',
      value: spread(started.map(({ seconds }) => seconds)),
      most: 0.6,
    },
    { name: 'idle memory', unit: 'MB', value: spread(started.map(({ rss }) => rss)), most: 130 },
    { name: 'memory after 100,000 refreshes', unit: 'MB', value: spread([afterUse]) },
    { name: 'memory 15 s later', unit: 'MB', value: spread([afterRest]) },
  ]
}

/** The program as `npm start` starts it, on a database that is there already. */
async function startOnce(): Promise<{ seconds: number; rss: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-bench-'))
  const program = join(import.meta.dirname, '..', 'bin', 'manydoors.js')
  const port = String(await freePort())
  const env = { PATH: process.env.PATH ?? '', ...environmentOf(folder), PORT: port }
  const began = performance.now()
  const child = spawn(process.execPath, [program], { env, stdio: 'ignore' })
  try {
    while (!(await isHealthy(`http://127.0.0.1:${port}/healthz`))) {
      if (child.exitCode !== null)
        throw new Error(`the program ended with ${child.exitCode} before it answered`)
      await pause(5)
    }
    const seconds = (performance.now() - began) / 1000
    await pause(3000)
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
    return { seconds, rss: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 }
  } finally {
    const exit = once(child, 'exit')
    child.kill()
    await exit
    await rm(folder, { recursive: true, force: true })
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

async function memoryAfterUse(): Promise<number[]> {
  const stage = await openStage(fewPeople)
  try {
    const server = await stage.startOurs()
    await stage.measure('ours', server, { scenario: 'refresh', amount: requests })
    const afterUse = (await server.stats()).rss
    await pause(15_000)
    return [afterUse, (await server.stats()).rss].map((bytes) => bytes / 2 ** 20)
  } finally {
    await stage.close()
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** How a process of `manydoors import` went. */
export interface ProgramRun {
  /** `null` where a signal has ended it. */
  code: number | null
  stdout: string
  stderr: string
  seconds: number
  /** What it held in MiB from time to time, without pages of files, which the system takes back when it needs them. */
  memory: number[]
}

const program = join(import.meta.dirname, '..', '..', 'bin', 'manydoors.js')
const sampleIntervalMs = 100

/** Runs `manydoors --json import …` to its end, or has it killed as a power cut would after so many milliseconds. */
export async function runImport(
  env: Record<string, string>,
  args: string[],
  { killAfterMs }: { killAfterMs?: number } = {},
): Promise<ProgramRun> {
  const began = performance.now()
  const child = spawn(process.execPath, [program, '--json', 'import', ...args], {
    env: { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const memory: number[] = []
  const sampling = setInterval(async () => {
    const held = await memoryOf(child.pid)
    if (held > 0) memory.push(held)
  }, sampleIntervalMs)
  const killing = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  const [code] = await closed
  const [stdout, stderr] = await output
  clearInterval(sampling)
  clearTimeout(killing)
  return { code, stdout, stderr, seconds: (performance.now() - began) / 1000, memory }
}

/** 0 where the process is gone. */
async function memoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

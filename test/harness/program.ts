import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { MailboxEntry } from '../../src/delivery/mailbox.ts'
import type { Target } from './doors.ts'
import { eventually } from './events.ts'
import { send, type TestServer } from './harness.ts'

/** The path of the real program. */
export const program = join(import.meta.dirname, '..', '..', 'bin', 'manydoors.js')

/** How a process ended. */
export interface Ending {
  /** `null` when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
}

/** The real program in a process of its own, serving. */
export interface Program extends Target, Pick<TestServer, 'mailbox'> {
  /** `http://127.0.0.1:PORT` */
  url: string
  /** Of the process. */
  pid: number
  /** What it has printed so far. */
  output(): string
  /** Sends it a signal and does not wait. */
  signal(signal: NodeJS.Signals): void
  /** How it ends, once it does. */
  ended: Promise<Ending>
  /** Ends it as a power cut would (`kill -9`), and waits until it is gone. */
  kill(): Promise<Ending>
  /** Ends it as an operator would, and waits until it is gone. */
  stop(): Promise<Ending>
}

/** Runs the program until it ends by itself; for a start that should fail. */
export async function runProgram(env: Record<string, string>, args: string[] = []): Promise<Ending> {
  const child = launch(env, args)
  await child.closed
  return child.ending()
}

/** Starts the program and does not wait; for what happens before it listens. */
export function launchProgram(
  env: Record<string, string>,
  args: string[] = [],
): Pick<Program, 'signal' | 'ended' | 'output'> & { errors(): string } {
  const child = launch(env, args)
  return {
    signal: child.signal,
    ended: child.closed.then(child.ending),
    output: () => child.ending().stdout,
    errors: () => child.ending().stderr,
  }
}

/** Starts the program with this environment on a free port, and waits until it listens. Throws when it ends before that. */
export async function startProgram(
  env: Record<string, string>,
  args: string[] = [],
  path: string = program,
): Promise<Program> {
  const child = launch({ PORT: '0', ...env }, args, path)
  const isGone = child.closed.then(() => {
    throw new Error(`the program ended before it listened: ${JSON.stringify(child.ending())}`)
  })
  const port = await Promise.race([child.port, isGone])
  isGone.catch(() => {})
  const url = `http://127.0.0.1:${port}`

  const mailbox = async (): Promise<MailboxEntry[]> => (await send(`${url}/dev/mailbox.json`, 'GET')).body
  const end = async (signal: NodeJS.Signals) => {
    child.signal(signal)
    await child.closed
    return child.ending()
  }
  return {
    url,
    request: (method, path, options) => send(`${url}${path}`, method, options),
    mailbox,
    mail: (to, subject) =>
      eventually(`a mail to ${to} about ${subject}`, async () =>
        (await mailbox()).find((entry) => entry.to === to && subject.test(entry.subject)),
      ),
    pid: child.pid,
    output: () => child.ending().stdout,
    signal: child.signal,
    ended: child.closed.then(child.ending),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

function launch(env: Record<string, string>, args: string[], path: string = program) {
  const child = spawn(process.execPath, [path, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  const port = new Promise<string>((listening) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const [, port] = /^Manydoors is listening on http:\/\/localhost:(\d+)/m.exec(stdout) ?? []
      if (port) listening(port)
    })
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return {
    port,
    pid: child.pid ?? 0,
    closed: once(child, 'close'),
    signal: (signal: NodeJS.Signals) => void child.kill(signal),
    ending: (): Ending => ({ code: child.exitCode, stdout, stderr }),
  }
}

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import type { Outside } from '../../src/cli/outside.ts'
import { runProgram } from '../../src/cli/program.ts'
import type { TestServer } from './harness.ts'
import { type Ending, program } from './program.ts'

/** What a command runs on; passwords are hashed for real when it says nothing of hashing. */
type Target = Pick<TestServer, 'env'> & Partial<Pick<Outside, 'argon2' | 'now'>>

/** Runs a command in this process; `input` is what it finds on standard input. */
export async function runCommand(target: Target, args: string[], input = ''): Promise<Ending> {
  const [stdout, stderr] = [collectText(), collectText()]
  const { env, argon2, now = Date.now } = target
  const code = await runProgram(args, {
    env,
    argon2,
    now,
    stdin: Readable.from(input === '' ? [] : [input]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    network: fetch,
    pid: process.pid,
    exit: (code) => assert.fail(`the command ends the process with ${code}`),
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function collectText() {
  let collected = ''
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string | Buffer, _encoding, done) => {
      collected += text
      done()
    },
  })
  return { stream, text: () => collected }
}

/** Runs a command of the real program in a process of its own; `input` is piped in. */
export async function spawnCommand(
  { env }: Pick<TestServer, 'env'>,
  args: string[],
  input = '',
): Promise<Ending> {
  const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...env, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // A command that asks for nothing may be gone before this is written.
  child.stdin.on('error', () => {}).end(input)
  await once(child, 'close')
  return { code: child.exitCode, stdout, stderr }
}

/** Runs a command that must succeed. Returns the JSON that it prints, one value a line. */
export async function jsonOf(
  target: Target,
  args: string[],
  input?: string,
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints has no type
): Promise<any[]> {
  const ending = await runCommand(target, ['--json', ...args], input)
  assert.equal(ending.code, 0, `${args.join(' ')}: ${ending.stderr}`)
  return valuesIn(ending.stdout)
}

/** The values of a text that has one in JSON on each line. */
// biome-ignore lint/suspicious/noExplicitAny: what a command prints has no type
export function valuesIn(text: string): any[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** That a command is refused in one line that matches, and prints no result. */
export async function assertRefused(
  target: Target,
  args: string[],
  sentence: RegExp,
  input?: string,
): Promise<void> {
  const { code, stdout, stderr } = await runCommand(target, args, input)
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' }, stderr)
  assert.match(stderr, sentence)
  assert.doesNotMatch(stderr, /\n\s+at /, 'a stack')
}

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestServer } from './harness.ts'
import type { Ending } from './program.ts'

const program = join(import.meta.dirname, '..', 'bin', 'manydoors.js')

/** Shared by all runs: a command loads in half the time. */
const cache = join(tmpdir(), 'manydoors-compile-cache')

/** Runs a command of the real program on the data of a server that is running; `input` is piped in. */
export async function runCommand(
  { env }: Pick<TestServer, 'env'>,
  args: string[],
  input = '',
): Promise<Ending> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...env, NODE_COMPILE_CACHE: cache } })
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

/** The same for one that must succeed: the JSON that it prints, one value a line. */
export async function jsonOf(
  server: Pick<TestServer, 'env'>,
  args: string[],
  input?: string,
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints has no type
): Promise<any[]> {
  const { code, stdout, stderr } = await runCommand(server, ['--json', ...args], input)
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** That a command is refused in one line that matches, and prints no result. */
export async function assertRefused(
  server: Pick<TestServer, 'env'>,
  args: string[],
  sentence: RegExp,
  input?: string,
): Promise<void> {
  const { code, stdout, stderr } = await runCommand(server, args, input)
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' }, stderr)
  assert.match(stderr, sentence)
  assert.doesNotMatch(stderr, /\n\s+at /, 'a stack')
}

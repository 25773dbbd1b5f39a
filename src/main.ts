import { sizeThreadPool } from './lib/thread-pool.ts'

// Before anything uses libuv's pool.
sizeThreadPool()
const { runProgram } = await import('./cli/program.ts')
const { env, stdin, stdout, stderr, pid } = process
const outside = {
  env,
  stdin,
  stdout,
  stderr,
  pid,
  now: Date.now,
  network: fetch,
  exit: (code: number) => process.exit(code),
}
const exitCode = await runProgram(process.argv.slice(2), outside)
// A signal may have set another one meanwhile.
if (exitCode !== 0) process.exitCode = exitCode

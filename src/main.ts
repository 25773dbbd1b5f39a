import { sizeThreadPool } from './lib/thread-pool.ts'

// Before anything uses libuv's pool.
sizeThreadPool()
const { runProgram } = await import('./cli/program.ts')
const stopSignals = ['SIGINT', 'SIGTERM'] as const
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
  onInterrupt: (stop: () => void) => {
    for (const signal of stopSignals) process.once(signal, stop)
    return () => {
      for (const signal of stopSignals) process.off(signal, stop)
    }
  },
}
const exitCode = await runProgram(process.argv.slice(2), outside)
// A signal may have set another one meanwhile.
if (exitCode !== 0) process.exitCode = exitCode

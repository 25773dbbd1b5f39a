import { sizeThreadPool } from './thread-pool.ts'

// Before anything uses libuv's pool.
sizeThreadPool()
const { runProgram } = await import('./cli/program.ts')
await runProgram(process.argv)

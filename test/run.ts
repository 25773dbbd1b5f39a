import { spawnSync } from 'node:child_process'
import { globSync, statfsSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where files are kept in memory: what the tests write need not outlive the machine. */
const memory = '/dev/shm'
const neededBytes = 2 * 1024 ** 3

if (hasRoom(memory)) process.env.TMPDIR ??= memory
// What one file has compiled the next one finds.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'manydoors-compile-cache')

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= neededBytes
  } catch {
    return false
  }
}

/** Runs these files, so many at a time; says whether all tests have passed. What follows `npm test --` is for Node. */
function run(files: string[], concurrency: number): boolean {
  const options = [
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-global-setup=test/global-setup.ts',
    ...process.argv.slice(2),
  ]
  return spawnSync(process.execPath, [...options, ...files], { stdio: 'inherit' }).status === 0
}

/** They measure how long something takes: beside others they would measure those, too. */
const timing = 'test/timing/*.test.ts'
const others = globSync('test/**/*.test.ts', { exclude: [timing] }).sort()
const passed = [run(others, Math.max(2, availableParallelism() - 1)), run(globSync(timing).sort(), 1)]
if (passed.includes(false)) process.exitCode = 1

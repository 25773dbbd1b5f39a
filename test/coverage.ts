import { spawnSync } from 'node:child_process'

/**
 * Prints which lines of src/ these test files run, or all of test/ where none is named. test/timing/ and
 * test/timeouts/ are left out, as counting takes time. Without a cache of what was compiled, which would blur the counts.
 */
const files = process.argv.slice(2)
const options = [
  '--test',
  '--test-concurrency=2',
  '--test-global-setup=test/global-setup.ts',
  '--experimental-test-coverage',
  '--test-coverage-include=src/**/*.ts',
]
const { status } = spawnSync(
  process.execPath,
  [...options, ...(files.length > 0 ? files : ['test/!(timing|timeouts)/**/*.test.ts'])],
  { stdio: 'inherit', env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' } },
)
process.exitCode = status ?? 1

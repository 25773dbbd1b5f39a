import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Tests that measure how long something takes: beside others they would measure those, too. */
const measuring = [
  'test/abuse/linear-work.test.ts',
  'test/core/password-hashes.test.ts',
  'test/core/same-time.test.ts',
  'test/core/sms-same-time.test.ts',
  'test/core/stored-sessions.test.ts',
  'test/faults/slow-postgres.test.ts',
  'test/http/client-address.test.ts',
  'test/limits/weak-passwords.test.ts',
  'test/store/writer.test.ts',
]

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

const others = globSync('test/**/*.test.ts').filter((file) => !measuring.includes(file))
const passed = [run(others.sort(), Math.max(2, availableParallelism() - 1)), run(measuring, 1)]
if (passed.includes(false)) process.exitCode = 1

import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

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

/** Runs these files, so many at a time; says whether all tests have passed. */
function run(files: string[], concurrency: number): boolean {
  const options = [
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-global-setup=test/global-setup.ts',
    `--import=${new URL('lighter-hooks.ts', import.meta.url)}`,
    ...forNode,
  ]
  return spawnSync(process.execPath, [...options, ...files], { stdio: 'inherit' }).status === 0
}

/** Runs them in so few processes that what all of them import is loaded a few times and not once a file. */
function runTogether(files: string[], processes: number, concurrency = atATime): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'manydoors-tests-'))
  try {
    const entries = Array.from({ length: processes }, (_, process) => {
      const own = files.filter((_, index) => index % processes === process)
      const entry = join(folder, `${process}.test.mjs`)
      writeFileSync(entry, own.map((file) => `import '${pathToFileURL(resolve(file))}'`).join('\n'))
      return entry
    })
    return run(entries, concurrency)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Those that match, but for these, in an order of their names. */
function filesOf(pattern: string, exclude: string[] = []): string[] {
  return globSync(pattern, { exclude }).sort()
}

/** They measure how long something takes: beside others they would measure those, too. */
const timing = 'test/timing/*.test.ts'
/** They wait for real timeouts, which a busy machine is late for, and do hardly any work. */
const timeouts = 'test/timeouts/*.test.ts'
const alone = [timing, timeouts]

/** What a quick run leaves out, by why it takes longer than what it is worth while one works. */
const slow = Object.values({
  'starts programs': [
    'test/{cli,packaging,faults,poolers}/**/*.test.ts',
    'test/repository/bench.test.ts',
    'test/store/{migrations/*,sqlite/{file-modes,kill}}.test.ts',
    'test/config/{app-addresses,clients}.test.ts',
    'test/core/{accounts/{erasure,squatters},keys/{key-rotation,master-key-rotation}}.test.ts',
    'test/dialects/{credebl/studio,*/seeds}.test.ts',
    'test/limits/{name-kinds,restarts,traces}.test.ts',
    'test/observability/{failures,ports}.test.ts',
    'test/realms/many.test.ts',
    'test/tools/**/*.test.ts',
  ],
  'hashes passwords at their real cost': [
    'test/core/passwords/{dear-hashes,hashes,imported-hashes}.test.ts',
    'test/hashes/*.test.ts',
    'test/http/overload.test.ts',
  ],
  'tries much of the same': [
    'test/core/{audit/retention-batches,recovery/sms-guessing}.test.ts',
    'test/dialects/foreign-tokens.test.ts',
    'test/{imports,shadow,upstream}/**/*.test.ts',
    'test/core/{imports,switching}/**/*.test.ts',
    // Of minbil and credebl it is run.
    'test/dialects/{pm2,vastly,wolfpal}/contract.test.ts',
  ],
  'starts a browser': ['test/pages/{accessible,browser,readable}.test.ts'],
  'sends thousands of requests': ['test/abuse/*.test.ts'],
}).flat()

const atATime = Math.max(2, availableParallelism() - 1)

/** What can be run, by the word that says so: `node test/run.ts quick`. */
const groups: Record<string, () => boolean[]> = {
  all: () => [
    runTogether(filesOf('test/**/*.test.ts', alone), 12 * atATime),
    run(filesOf(timeouts), 4),
    run(filesOf(timing), 1),
  ],
  quick: () => {
    process.env.TEST_POSTGRES = 'off'
    return [runTogether(filesOf('test/**/*.test.ts', [...alone, ...slow]), 2 * atATime, 2 * atATime)]
  },
  // Half of them do little but wait.
  long: () => [run(filesOf('test-long/**/*.test.ts'), atATime + 1)],
}

const [name = 'all', ...others] = process.argv.slice(2)
const group = groups[name] ?? groups.all
/** What follows `npm test --`. */
const forNode = name in groups ? others : process.argv.slice(2)
if (group?.().includes(false)) process.exitCode = 1

import assert from 'node:assert/strict'
import { cheapArgon2 } from '../../harness/cheap-hashing.ts'
import { runCommand } from '../../harness/command.ts'

interface Found {
  check: string
  state: string
  says: string
  advice?: string
}

/** What `doctor --json` has found. */
export interface Examination {
  code: number | null
  problems: number
  warnings: number
  findings: Found[]
  /** The one finding of a check; fails when there is none. */
  of(check: string): Found
}

/** Runs `doctor` to its end. It must print one JSON value and complain of nothing. */
export async function examine(
  env: Record<string, string>,
  args: string[] = [],
  { hashing = 'quick' }: { hashing?: 'quick' | 'real' } = {},
): Promise<Examination> {
  const machine = hashing === 'real' ? {} : quickMachine()
  const { code, stdout, stderr } = await runCommand({ env, ...machine }, ['doctor', '--json', ...args])
  assert.equal(stderr, '')
  const { problems, warnings, findings } = JSON.parse(stdout) as Omit<Examination, 'code' | 'of'>
  return {
    ...{ code, problems, warnings, findings },
    of: (check) => findings.find((found) => found.check === check) ?? assert.fail(`nothing about ${check}`),
  }
}

/** Where a clock says that a password takes 20 ms: the doctor hashes for so long as the clock says. */
export function quickMachine() {
  let spent = 0
  const hash: typeof cheapArgon2.hash = (...args) => {
    spent += 20
    return cheapArgon2.hash(...args)
  }
  return { argon2: { ...cheapArgon2, hash }, now: () => Date.now() + spent }
}

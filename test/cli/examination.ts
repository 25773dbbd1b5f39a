import assert from 'node:assert/strict'
import { runProgram } from '../program.ts'

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
export async function examine(env: Record<string, string>, args: string[] = []): Promise<Examination> {
  const { code, stdout, stderr } = await runProgram(env, ['doctor', '--json', ...args])
  assert.equal(stderr, '')
  const { problems, warnings, findings } = JSON.parse(stdout) as Omit<Examination, 'code' | 'of'>
  return {
    ...{ code, problems, warnings, findings },
    of: (check) => findings.find((found) => found.check === check) ?? assert.fail(`nothing about ${check}`),
  }
}

import assert from 'node:assert/strict'
import { ConfigError } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'

/** Everything that is wrong with an environment. */
export function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
}

/** That each of these is refused in one sentence about the setting that matches, and repeats no secret. */
export function assertRefused(name: string, sentence: RegExp, values: string[], others = {}): void {
  for (const value of values) {
    const [problem = 'nothing', ...rest] = problemsOf({ ...others, [name]: value })
    assert.deepEqual(rest, [], value)
    assert.ok(problem.startsWith(`${name} `), `${value}: ${problem}`)
    assert.match(problem, sentence, value)
    assert.doesNotMatch(problem, /hunter2/, value)
  }
}

import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { DialectUnderTest } from '../contract/dialect-under-test.ts'
import { adapters } from '../dialects/adapters.ts'
import type { Target } from '../harness/doors.ts'
import type { Answer } from '../harness/harness.ts'
import { freshAddress, from } from '../limits/callers.ts'

/** It is a refusal in the dialect's own words, with the time to wait, and says nothing of what is missing. */
export function assertUnavailable(dialect: DialectUnderTest, answer: Answer): void {
  dialect.assertError(answer, 503)
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  assert.doesNotMatch(answer.text, /sqlite|postgres|disk|connection|terminat|ECONN|\bat /i)
}

/** The dialect that a path belongs to. */
export function dialectOf(path: string): DialectUnderTest {
  const dialect = adapters.find(({ prefixes }) => prefixes.some((prefix) => path.startsWith(`${prefix}/`)))
  assert.ok(dialect, `${path} is of no dialect`)
  return dialect
}

/** In milliseconds. */
const timeoutMs = 60_000

/** A caller at an address of its own, who repeats what is refused for the moment, and counts how often that was. */
export interface PatientTarget extends Target {
  refusals: number
}

export function patiently(server: Target): PatientTarget {
  const caller = from(server, freshAddress())
  const target: PatientTarget = {
    refusals: 0,
    mail: server.mail,
    request: async (method, path, options) => {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const answer = await caller.request(method, path, options)
        if (answer.status !== 503) return answer
        assertUnavailable(dialectOf(path), answer)
        assert.ok(Date.now() < deadline, `${path} is unavailable for too long`)
        target.refusals++
        await pause(50)
      }
    },
  }
  return target
}

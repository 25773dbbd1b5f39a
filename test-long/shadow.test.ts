import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reportOf } from '../src/shadow/report.ts'
import { adapters } from '../test/dialects/adapters.ts'
import { useServer } from '../test/harness/harness.ts'
import { oneRound, openOnBoth } from '../test/shadow/mixed-workload.ts'
import { startShadow } from '../test/shadow/through-shadow.ts'

describe('A shadow between two servers that do the same', () => {
  const old = useServer('sqlite')
  const fresh = useServer('sqlite')
  const requests = 10_000 / adapters.length

  for (const dialect of adapters) {
    it(`finds no difference in ${requests} requests at the door of ${dialect.name}`, async () => {
      const shadow = await startShadow(old, { dialect: dialect.name, newUrl: fresh.url })
      const seen = () => reportOf(shadow.tally(), [])
      const compared = () => seen().reduce((sum, { same, different }) => sum + same + different, 0)
      try {
        while (compared() < requests) {
          const people = await Promise.all([1, 2, 3, 4].map(() => openOnBoth(dialect, { old, fresh })))
          await Promise.all(
            people.map(async (person) => {
              for (let round = 0; round < 3; round++) await oneRound(dialect, shadow.server, person)
            }),
          )
          await shadow.idle()
        }
        assert.deepEqual(
          seen().filter((route) => route.different + route.unsettled + route.failed + route.dropped > 0),
          [],
        )
      } finally {
        await shadow.stop()
      }
    })
  }
})

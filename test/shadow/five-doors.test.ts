import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reportOf } from '../../src/shadow/report.ts'
import { adapters } from '../dialects/adapters.ts'
import { useServer } from '../harness/harness.ts'
import { everyRoute, oneRound, openOnBoth } from './mixed-workload.ts'
import { type RunningShadow, startShadow } from './through-shadow.ts'

/** Routes of which something is to be seen. */
function troubled({ tally }: RunningShadow, fields: ('different' | 'unsettled' | 'dropped' | 'failed')[]) {
  return reportOf(tally(), []).filter((route) => fields.some((field) => route[field] > 0))
}

describe('A shadow between two servers that do the same', () => {
  const old = useServer('sqlite')
  const fresh = useServer('sqlite')
  for (const dialect of adapters) {
    it(`finds no difference in what people do at the door of ${dialect.name}`, async () => {
      const shadow = await startShadow(old, { dialect: dialect.name, newUrl: fresh.url })
      try {
        const person = await openOnBoth(dialect, { old, fresh })
        for (let round = 0; round < 3; round++) await oneRound(dialect, shadow.server, person)
        await shadow.idle()
        assert.deepEqual(troubled(shadow, ['different', 'unsettled', 'dropped', 'failed']), [])
        const same = reportOf(shadow.tally(), []).reduce((sum, route) => sum + route.same, 0)
        assert.ok(same >= 3 * 8, `${same} are the same`)
      } finally {
        await shadow.stop()
      }
    })

    it(`finds no difference at any route of ${dialect.name}, whatever mails alone tell`, async () => {
      const shadow = await startShadow(old, { dialect: dialect.name, newUrl: fresh.url })
      try {
        await everyRoute(dialect, shadow.server)
        await shadow.idle()
        assert.deepEqual(troubled(shadow, ['different', 'dropped', 'failed']), [])
        const routes = Object.keys(shadow.tally().routes)
        assert.ok(routes.length >= dialect.routes.length - 3, routes.join())
      } finally {
        await shadow.stop()
      }
    })
  }
})

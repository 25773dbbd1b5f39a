import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wolfpal } from '../dialects/wolfpal/adapter.ts'
import { answerChallenge, challengeFor, codeAt, confirm, enrol, signIn } from '../dialects/wolfpal/door.ts'
import { useServer } from '../harness/harness.ts'
import { openOnBoth } from './mixed-workload.ts'
import { startShadow } from './through-shadow.ts'

describe('A shadow', () => {
  const old = useServer('sqlite')
  const fresh = useServer('sqlite')
  const minuteMs = 60_000

  it('repeats a second factor with what an authenticator of the new server would show', async () => {
    const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: fresh.url })
    try {
      const person = { username: '', ...(await openOnBoth(wolfpal, { old, fresh })) }
      const { access } = await signIn(shadow.server, person)
      const { secret, backupCodes } = await enrol(shadow.server, access)
      const confirmed = await confirm(shadow.server, access, codeAt(old, secret))
      assert.equal(confirmed.status, 200, confirmed.text)
      await shadow.idle()
      for (const server of [old, fresh]) server.clock.advance(minuteMs)
      for (const code of [codeAt(old, secret), backupCodes[0] ?? '', '000000']) {
        const token = await challengeFor(shadow.server, person)
        const answer = await answerChallenge(shadow.server, token, code)
        assert.equal(answer.status, code === '000000' ? 401 : 200, answer.text)
      }
      await shadow.idle()
      const { routes } = shadow.tally()
      assert.deepEqual(routes['POST /api/auth/two-factor'], {
        same: 3,
        unpaired: 0,
        dropped: 0,
        failed: 0,
        unsettled: 0,
        different: [],
      })
    } finally {
      await shadow.stop()
    }
  })
})

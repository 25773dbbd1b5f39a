import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import * as vastly from '../dialects/vastly/door.ts'
import * as wolfpal from '../dialects/wolfpal/door.ts'
import { onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { atHost } from './at-host.ts'

onEveryEngine('codes of one realm', (engine) => {
  const server = useServer(engine, {
    yaml: 'realms: { main: , partners: { hosts: [partners.localhost] } }',
  })
  let main: TestServer
  let partners: TestServer
  before(() => {
    main = atHost(server, 'localhost')
    partners = atHost(server, 'partners.localhost')
  })

  it('by text message do nothing in another with the same number', async () => {
    const mobile = vastly.freshPhone()
    await vastly.register(main, { mobile })
    await vastly.register(partners, { mobile })
    const token = await vastly.sentCode(main, mobile)
    await endOfJobs(server)
    assert.deepEqual(await vastly.messagesTo(partners, mobile), [])
    assert.equal((await vastly.resetBySms(partners, { token, mobile })).status, 400)
    assert.equal((await vastly.resetBySms(partners, { token })).status, 400)
    await vastly.logIn(partners, { mobile })
    assert.equal((await vastly.resetBySms(main, { token, mobile })).status, 200)
    await vastly.logIn(partners, { mobile })
    await vastly.logIn(main, { mobile, password: vastly.another })
  })

  it('of a second factor, and its challenges, do nothing in another', async () => {
    const person = await wolfpal.registerWithSecondFactor(main)
    const other = await wolfpal.registerWithSecondFactor(partners)
    const challenge = await wolfpal.challengeFor(main, person)
    const foreign = await wolfpal.challengeFor(partners, other)
    const code = wolfpal.nextCode(server, person.secret)
    assert.equal((await wolfpal.answerChallenge(partners, challenge, code)).status, 400)
    assert.equal((await wolfpal.answerChallenge(partners, foreign, code)).status, 401)
    assert.equal((await wolfpal.answerChallenge(partners, foreign, person.backupCodes[0] ?? '')).status, 401)
    assert.equal((await wolfpal.answerChallenge(main, challenge, code)).status, 200)
    const own = wolfpal.nextCode(server, other.secret)
    assert.equal((await wolfpal.answerChallenge(partners, foreign, own)).status, 200)
  })
})

import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import * as client from 'openid-client'
import { runCommand } from '../harness/command.ts'
import { register } from '../harness/doors.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { appBrowser, callbackOf } from './browser.ts'
import { endOfTelling } from './client-sessions.ts'
import { useOpenid } from './harness.ts'
import { assertSigned, startReceiver, toldTimes } from './logout-receiver.ts'
import { signIn } from './relying-party.ts'

const receivers = { first: await startReceiver(), second: await startReceiver() }
after(() => Promise.all(Object.values(receivers).map((receiver) => receiver.close())))

const goodbye = 'https://first.example/bye'
const apps = [
  {
    id: 'first',
    settings: { backchannelLogoutUri: receivers.first.uri, postLogoutRedirectUris: [goodbye] },
  },
  {
    id: 'second',
    settings: { backchannelLogoutUri: receivers.second.uri, idTokenAlgorithm: 'ES256' as const },
  },
  { id: 'silent' },
]

onEveryEngine('the apps of a browser', (engine) => {
  const server = useOpenid(engine, { apps, openid: { allowPrivateAddresses: true } })

  const signedIn = async () => {
    for (const { posted } of Object.values(receivers)) posted.length = 0
    const person = await register(server)
    const browser = appBrowser(server)
    const parties = {
      first: await server.party('first'),
      second: await server.party('second'),
      silent: await server.party('silent'),
    }
    const tokens = {
      first: await signIn(parties.first, browser, person),
      second: await signIn(parties.second, browser, person),
      silent: await signIn(parties.silent, browser, person),
    }
    return { person, browser, parties, tokens }
  }

  it('are each told once when it is signed out by one of them', async () => {
    const { browser, parties, tokens } = await signedIn()
    const url = client.buildEndSessionUrl(parties.first.config, {
      id_token_hint: tokens.first.id_token ?? '',
      post_logout_redirect_uri: goodbye,
    })
    const page = await browser.visit(url)
    assert.equal(callbackOf(await browser.send(page, {}, 'yes')).href, goodbye)
    for (const [id, algorithm] of [
      ['first', 'RS256'],
      ['second', 'ES256'],
    ] as const) {
      const [told = assert.fail()] = await toldTimes(receivers[id], 1)
      const { sub, sid } = tokens[id].claims() ?? assert.fail('no ID token')
      assert.deepEqual([told.claims.aud, told.claims.sub, told.claims.sid], [id, sub, sid])
      assert.equal(typeof sid, 'string')
      await assertSigned(server.url, told.token, algorithm)
    }
    await endOfTelling(server)
    assert.deepEqual([receivers.first.posted.length, receivers.second.posted.length], [1, 1])
  })

  it('are told when an operator ends its sessions, and one by itself when it revokes its own', async () => {
    const { person, parties, tokens } = await signedIn()
    await client.tokenRevocation(parties.second.config, tokens.second.refresh_token ?? '')
    await toldTimes(receivers.second, 1)
    await endOfTelling(server)
    assert.equal(receivers.first.posted.length, 0)
    const ended = await runCommand(server, ['account', 'sessions', person.email, '--end-all'])
    assert.equal(ended.code, 0, ended.stderr)
    server.clock.advance(0)
    await toldTimes(receivers.first, 1)
    await endOfTelling(server)
    assert.deepEqual([receivers.first.posted.length, receivers.second.posted.length], [1, 1])
  })
})

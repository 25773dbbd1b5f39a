import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { before, describe, it } from 'node:test'
import { v7 as uuidv7 } from 'uuid'
import { runCommand } from '../harness/command.ts'
import { execute, rowsOnce } from '../harness/database.ts'
import { useServer } from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { plainBrowser } from '../pages/jar.ts'
import { operatorOf } from './operator.ts'
import { assertProblem, programOf, type TestProgram } from './programs.ts'
import { openStream } from './streams.ts'

describe('attacks on the console and its API', () => {
  const server = useServer('sqlite', {
    limits: { 'second-factor-account': 3 },
    env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' },
  })
  let program: TestProgram
  before(async () => {
    program = await programOf(server)
  })

  it('a NUL in a field is refused, as PostgreSQL would fail on it', async () => {
    const at = '/realms/main'
    for (const path of [
      '/accounts?q=',
      '/sessions?ip=',
      '/messages?kind=',
      '/audit?actor=',
      '/audit?account=',
    ])
      assertProblem(await program.ask('GET', `${at}${path}a%00b`), 422, 'validation_failed')
    const json = { format: 'csv', door: '\0' }
    assertProblem(await program.ask('POST', `${at}/audit/export`, { json }), 422, 'validation_failed')
    const { browser } = await operatorOf(server)
    assert.equal((await browser.open('/admin/operators/%00/disable')).status, 404)
    assert.equal((await browser.open('/admin/realms/main/audit/live?door=%00')).status, 422)
  })

  it('a sign-in leads to pages of the console alone', async () => {
    const { browser } = await operatorOf(server)
    const nextOf = async (next: string) => {
      const page = await browser.open(`/admin/prove?next=${encodeURIComponent(next)}`)
      return / name="next" value="([^"]*)"/.exec(page.text)?.[1]
    }
    assert.equal(await nextOf('/admin/realms/main/audit?ip=::1'), '/admin/realms/main/audit?ip=::1')
    const elsewhere = [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/admin//x',
      '/adminx',
      '/',
    ]
    const dotted = [
      '/admin/../ui/account',
      '/admin/realms/..',
      '/admin/./../x',
      '/admin/..?x',
      '/admin/%2e%2e/x',
    ]
    for (const next of [...elsewhere, ...dotted]) assert.equal(await nextOf(next), '/admin', next)
  })

  it('forms are not shown to operators who may not send them, with the realms that are in them', async () => {
    const auditor = await operatorOf(server, 'auditor')
    const held = await operatorOf(server, 'owner', { realms: ['main'] })
    for (const { browser } of [auditor, held])
      for (const path of ['/admin/operators/invite', '/admin/tokens/new'])
        assert.equal((await browser.open(path)).status, 403, path)
    const { id } = (await addWebhook()).body.webhook
    for (const path of ['new', `${id}/edit`, `${id}/secret`])
      assert.equal((await auditor.browser.open(`/admin/realms/main/webhooks/${path}`)).status, 403, path)
  })

  it('an operator who is held to a realm does not learn which other ones there are', async () => {
    const { browser } = await operatorOf(server, 'owner', { realms: ['main'] })
    const owner = await operatorOf(server)
    for (const realm of ['operators', '__proto__', 'constructor', 'nowhere']) {
      assert.equal((await browser.open(`/admin/realms/${realm}/accounts`)).status, 403, realm)
      assert.equal((await owner.browser.open(`/admin/realms/${realm}/accounts`)).status, 404, realm)
      assertProblem(await program.ask('GET', `/realms/${realm}/accounts`), 404, 'not_found')
    }
  })

  it('the live trail ends with what lets its reader see it, and no row of it makes lines of its own', async () => {
    const { email, browser } = await operatorOf(server, 'auditor')
    await using live = await openStream(server, browser, '/admin/realms/main/audit/live')
    await addToTrail('<b>one</b>\rid: forged\r\rdata: forged')
    const { data } = await live.next(/one/)
    assert.match(data, /&lt;b&gt;one/)
    assert.doesNotMatch(data, /[\r]/)
    const { code, stderr } = await runCommand({ env: server.env, now: server.clock.now }, [
      'operator',
      'disable',
      email,
    ])
    assert.equal(code, 0, stderr)
    await addToTrail('two')
    await assert.rejects(live.next(/two/), /the stream has ended/)
  })

  it('the live trail makes nothing for a reader who does not read but what comes next', async () => {
    const { browser } = await operatorOf(server, 'auditor')
    const path = '/admin/realms/main/audit/live'
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const stalled = connect(Number(new URL(server.url).port), '127.0.0.1')
    stalled.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`)
    await once(stalled, 'readable')
    await using live = await openStream(server, browser, `${path}?outcome=refused`)
    // More than the buffers of a connection take.
    await addToTrail('x'.repeat(15_000_000), 'success')
    for (const row of ['first', 'second', 'third']) {
      await addToTrail(`the ${row}`)
      await live.next(new RegExp(`the ${row}`))
    }
    let text = ''
    for await (const chunk of stalled) {
      text = `${text}${chunk}`.slice(-10_000)
      if (text.includes('the third')) break
    }
    const [last = ''] = text.split('\n\n').filter((event) => event.includes('the third'))
    assert.match(last, /the second/)
  })

  it('the page for recovery codes does not tell whose address is that of an operator', async () => {
    const { email } = await operatorOf(server)
    const browser = plainBrowser(server)
    const page = await browser.open('/admin/recover')
    const ask = async (email: string) =>
      (await browser.submit(page, { email, code: 'wrongwrong12' }, '/admin/recover')).status
    for (const address of [email, 'nobody@example.com']) {
      const answers: number[] = []
      for (let tries = 0; tries < 4; tries++) answers.push(await ask(address))
      assert.deepEqual(answers, [401, 401, 401, 429], address)
    }
    for (const address of ['', 'a\0@example.com', 'nobody']) assert.equal(await ask(address), 401)
  })

  // In development the console is for this machine alone, which has two addresses.
  it('strangers do not use up the tries that an operator has where they have signed in before', async () => {
    const { email, recoveryCodes } = await operatorOf(server)
    const stranger = plainBrowser(server)
    const [form] = formsOf(await stranger.open('/admin/recover'))
    const answers: number[] = []
    for (let tries = 0; tries < 4; tries++) {
      const fields = { ...form?.fields, email, code: 'wrongwrong12' }
      const answer = await stranger.post('/admin/recover', fields, { 'x-forwarded-for': '::1' })
      answers.push(answer.status)
    }
    assert.deepEqual(answers, [401, 401, 401, 429])
    const browser = plainBrowser(server)
    const page = await browser.open('/admin/recover')
    const invitation = await browser.submit(page, { email, code: recoveryCodes[0] ?? '' }, '/admin/recover')
    assert.equal(invitation.status, 200, invitation.text)
    assert.match(invitation.text, /data-passkey/)
  })

  it('lists in lists are refused before anything goes through them, with a key for the request and without', async () => {
    const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    const keys: Record<string, string>[] = [{}, { 'idempotency-key': 'deep' }]
    for (const headers of keys)
      assertProblem(
        await server.request('POST', '/admin/api/v1/realms/main/clients', {
          raw: `{"dialect":"openid","settings":{"deep":${nested}}}`,
          bearer: program.token,
          headers: { 'content-type': 'application/json', ...headers },
        }),
        400,
        'bad_request',
      )
  })

  it('a token for messages takes nothing from the endpoints of webhooks', async () => {
    const { id } = (await addWebhook()).body.webhook
    const { delivery } = (await program.ask('POST', `/realms/main/webhooks/${id}/test`, { json: {} })).body
    await rowsOnce(server.env.DATABASE_URL ?? '', {
      what: 'the end of an attempt',
      statement: `select 1 from jobs where id = '${delivery}' and attempts > 0 and leased_until is null`,
      areWanted: (rows) => rows.length > 0,
    })
    const messages = await programOf(server, ['messages.drop'])
    const json = { reason: 'Try' }
    assertProblem(
      await messages.ask('POST', `/realms/main/messages/${delivery}/drop`, { json }),
      409,
      'conflict',
    )
  })

  const addToTrail = (detail: string, outcome = 'refused') =>
    execute(
      server.env.DATABASE_URL ?? '',
      `insert into audit (id, realm, at, event, outcome, detail)
       values ('${uuidv7()}', 'main', ${server.clock.now()}, 'sign_in', '${outcome}', '${detail}')`,
    )
  const addWebhook = () => {
    const json = { url: 'https://app.example.invalid/hook', types: ['webhook.test'], reason: 'Try' }
    return program.ask('POST', '/realms/main/webhooks', { json })
  }
})

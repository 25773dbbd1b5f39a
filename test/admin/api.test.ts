import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { select } from '../harness/database.ts'
import { onEveryEngine, send, useServer } from '../harness/harness.ts'
import { assertProblem, programOf, programWith } from './programs.ts'

const hourMs = 3_600_000
const invitation = (email: string) => ({ email, role: 'support', reason: 'Joins the team' })

describe('the admin API', () => {
  const server = useServer('sqlite')

  it('answers nobody without a good token, and says so in the header', async () => {
    const missing = await server.request('GET', '/admin/api/v1/operators')
    assertProblem(missing, 401, 'token_missing')
    assert.equal(missing.headers.get('www-authenticate'), 'Bearer')
    const wrong = await server.request('GET', '/admin/api/v1/operators', { bearer: `mda_${'A'.repeat(43)}` })
    assertProblem(wrong, 401, 'token_invalid')
    assert.equal(wrong.headers.get('www-authenticate'), 'Bearer error="invalid_token"')
    assertProblem(await server.request('GET', '/admin/api/v1/openapi.json'), 401, 'token_missing')
  })

  it('says what there is not, and which methods there are', async () => {
    const { ask } = await programOf(server, ['operators.read'])
    assertProblem(await ask('GET', '/nothing'), 404, 'route_not_found')
    assertProblem(await ask('GET', ''), 404, 'route_not_found')
    const other = await ask('PUT', '/operators')
    assertProblem(other, 405, 'method_not_allowed')
    assert.equal(other.headers.get('allow'), 'GET, HEAD')
  })

  it('refuses fields that there are not, and what is no JSON', async () => {
    const { ask, token } = await programOf(server)
    const typo = await ask('GET', '/operators?afer=x')
    assertProblem(typo, 422, 'validation_failed')
    assert.deepEqual(typo.body.issues, [{ field: 'afer', message: 'There is no such field here.' }])
    const body = await ask('POST', '/operators/invite', {
      json: { ...invitation('a@example.com'), rol: 'owner' },
    })
    assert.deepEqual(
      body.body.issues.map(({ field }: { field: string }) => field),
      ['rol'],
    )
    const wrong = await ask('POST', '/operators/invite', { json: { email: 'nobody', role: 'king' } })
    assertProblem(wrong, 422, 'validation_failed')
    assert.deepEqual(
      wrong.body.issues.map(({ field }: { field: string }) => field),
      ['email', 'role', 'reason'],
    )
    const form = await server.request('POST', '/admin/api/v1/operators/invite', {
      bearer: token,
      form: invitation('a@example.com'),
    })
    assertProblem(form, 415, 'unsupported_media_type')
    const broken = await server.request('POST', '/admin/api/v1/operators/invite', {
      bearer: token,
      raw: '{',
      headers: { 'content-type': 'application/json' },
    })
    assertProblem(broken, 400, 'bad_request')
    const half = await ask('POST', '/tokens', {
      json: { name: 'x\ud83d', scopes: ['health.read'], reason: 'Why' },
    })
    assertProblem(half, 422, 'validation_failed')
  })

  it('takes no cookie, and lets no page of another origin read it', async () => {
    const cookie = '__Host-manydoors-operator=anything'
    const answer = await send(`${server.url}/admin/api/v1/operators`, 'GET', { headers: { cookie } })
    assertProblem(answer, 401, 'token_missing')
    const { ask } = await programOf(server, ['operators.read'])
    const headers = { origin: 'https://elsewhere.example.com', cookie }
    const read = await ask('GET', '/operators', { headers })
    assert.equal(read.status, 200)
    assert.equal(read.headers.get('access-control-allow-origin'), null)
    assert.deepEqual(read.cookies, [])
    const preflight = await server.request('OPTIONS', '/admin/api/v1/operators', { headers })
    assert.equal(preflight.headers.get('access-control-allow-origin'), null)
    assert.equal(preflight.headers.get('cache-control'), 'no-store')
  })

  it('is observed apart from the doors, by the pattern of its paths', async () => {
    const { ask } = await programOf(server, ['operators.read'])
    await ask('GET', '/operators')
    const metrics = await server.request('GET', '/metrics')
    const line = metrics.text.split('\n').find((line) => line.includes('/admin/api/v1/operators"')) ?? ''
    assert.match(line, /realm="operators"/)
    assert.match(line, /dialect="none"/)
  })
})

describe('limits of the admin API', () => {
  const server = useServer('sqlite', { limits: { 'admin-token-address': 2, 'admin-address': 6 } })

  it('refuse an address that shows wrong tokens, but no good one from there; and one that asks too often', async () => {
    const { ask } = await programOf(server, ['operators.read'])
    const wrong = programWith(server, { id: '', token: `mda_${'B'.repeat(43)}` })
    assertProblem(await wrong.ask('GET', '/operators'), 401, 'token_invalid')
    assertProblem(await wrong.ask('GET', '/operators'), 401, 'token_invalid')
    const refused = await wrong.ask('GET', '/operators')
    assertProblem(refused, 429, 'rate_limited')
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    assert.equal((await ask('GET', '/operators')).status, 200)
    assert.equal((await ask('GET', '/operators')).status, 200)
    assert.equal((await ask('GET', '/operators')).status, 200)
    assertProblem(await ask('GET', '/operators'), 429, 'rate_limited')
  })
})

onEveryEngine('idempotency keys of the admin API', (engine) => {
  const server = useServer(engine)
  const invited = () =>
    select(server.env.DATABASE_URL ?? '', `select * from audit where event = 'operator.invited'`)
  const rows = () => select(server.env.DATABASE_URL ?? '', 'select * from admin_requests')

  it('have a request done once, and answered again as it was', async () => {
    const { ask } = await programOf(server)
    const options = { json: invitation('once@example.com'), headers: { 'idempotency-key': 'k-1' } }
    const first = await ask('POST', '/operators/invite', options)
    assert.equal(first.status, 200, first.text)
    assert.equal(first.headers.get('idempotency-replayed'), null)
    const { reason, role, email } = options.json
    const again = await ask('POST', '/operators/invite', { ...options, json: { reason, role, email } })
    assert.deepEqual(again.body, first.body)
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    assert.equal((await invited()).length, 1)
  })

  it('are refused with another input, and are good for each token by itself', async () => {
    const { ask } = await programOf(server)
    const headers = { 'idempotency-key': 'k-2' }
    await ask('POST', '/operators/invite', { json: invitation('two@example.com'), headers })
    const other = { json: invitation('three@example.com'), headers }
    assertProblem(await ask('POST', '/operators/invite', other), 422, 'idempotency_key_reused')
    const { ask: askOther } = await programOf(server)
    assert.equal((await askOther('POST', '/operators/invite', other)).status, 200)
    const odd = { ...other, headers: { 'idempotency-key': 'a b' } }
    assertProblem(await ask('POST', '/operators/invite', odd), 400, 'idempotency_key_invalid')
  })

  it('let a refused request come again', async () => {
    const { ask } = await programOf(server)
    const headers = { 'idempotency-key': 'k-3' }
    const json = { name: 'made later', scopes: ['health.read'], realms: ['nowhere'], reason: 'Try' }
    assertProblem(await ask('POST', '/tokens', { json, headers }), 409, 'refused')
    const right = await ask('POST', '/tokens', { json: { ...json, realms: ['main'] }, headers })
    assert.equal(right.status, 200, right.text)
  })

  it('have one of many at once be done, and the others wait or be given its answer', async () => {
    const { ask } = await programOf(server)
    const before = (await invited()).length
    const options = { json: invitation('crowd@example.com'), headers: { 'idempotency-key': 'k-4' } }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ask('POST', '/operators/invite', options)),
    )
    assert.equal((await invited()).length, before + 1)
    const links = new Set(answers.flatMap(({ status, body }) => (status === 200 ? [body.link] : [])))
    assert.equal(links.size, 1)
    for (const answer of answers) if (answer.status !== 200) assertProblem(answer, 409, 'request_in_flight')
    const later = await ask('POST', '/operators/invite', options)
    assert.ok(links.has(later.body.link))
  })

  it('are kept for a day, with nothing that a copy of the database could be read by', async () => {
    const { ask, token } = await programOf(server)
    const options = { json: invitation('kept@example.com'), headers: { 'idempotency-key': 'kept-key' } }
    const first = await ask('POST', '/operators/invite', options)
    const kept = JSON.stringify(await rows())
    for (const secret of [
      token,
      'kept@example.com',
      'kept-key',
      first.body.link,
      first.body.link.split('/').at(-1),
    ])
      assert.ok(!kept.includes(secret), secret)
    server.clock.advance(24 * hourMs + 1)
    const again = await ask('POST', '/operators/invite', options)
    assert.equal(again.status, 200)
    assert.notEqual(again.body.link, first.body.link)
    server.clock.advance(24 * hourMs + 1)
    await server.maintain()
    assert.deepEqual(await rows(), [])
  })
})

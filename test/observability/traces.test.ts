import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { minbil, register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import {
  type Engine,
  freshEmail,
  onEveryEngine,
  startTestServer,
  type TestServer,
} from '../harness/harness.ts'
import { type Collector, type ReceivedSpan, startCollector } from './collector.ts'

onEveryEngine('traces', (engine) => {
  const traced = useTraced(engine, {
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-key,x-team=auth',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=overruled',
    OTEL_SERVICE_NAME: 'doors of the test',
  })

  it('hold a sign-in: the request, and below it the password and the statements', async () => {
    const { server, find } = traced
    const person = await register(server)
    const parent = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', id: '00f067aa0ba902b7' }
    const headers = { traceparent: `00-${parent.traceId}-${parent.id}-01` }
    const answer = await server.request('POST', '/api/co/auth/sign-in', { json: person, headers })
    assert.equal(answer.status, 200, answer.text)

    const ofTrace = await find(
      'the spans of the sign-in',
      (spans) => spans.filter(({ traceId }) => traceId === parent.traceId),
      (spans) => spans.some(({ kind }) => kind === 2),
    )
    const request = ofTrace.find(({ kind }) => kind === 2)
    assert.ok(request)
    assert.equal(request.name, 'POST /api/co/auth/sign-in')
    assert.equal(request.parentId, parent.id)
    assert.equal(request.status, 0)
    assert.deepEqual(request.attributes, {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'http.route': '/api/co/auth/sign-in',
      'manydoors.outcome': 'ok',
      'manydoors.realm': 'main',
      'manydoors.dialect': 'minbil',
      'manydoors.request_id': answer.headers.get('x-request-id'),
    })
    const { resource } = request
    assert.deepEqual(
      [resource['service.name'], resource['deployment.environment.name']],
      ['doors of the test', 'test'],
    )

    const below = ofTrace.filter((span) => span !== request)
    for (const span of below) {
      assert.equal(span.parentId, request.id, span.name)
      assert.ok(span.start >= request.start && span.end <= request.end, span.name)
      assert.ok(span.end >= span.start)
    }
    const events = server.log.filter(
      ({ requestId }) => requestId === request.attributes['manydoors.request_id'],
    )
    assert.deepEqual(
      events.map(({ msg, traceId }) => [msg, traceId]),
      [['sign_in', parent.traceId]],
    )
    const names = new Set(below.map(({ name }) => name))
    for (const name of ['password verify', 'SELECT', 'BEGIN', 'INSERT', 'COMMIT'])
      assert.ok(names.has(name), `${name} in ${[...names]}`)
    const statement = below.find(({ name }) => name === 'INSERT')
    assert.equal(statement?.attributes['db.system.name'], engine === 'postgres' ? 'postgresql' : 'sqlite')
    assert.match(String(statement?.attributes['db.query.text']), /^insert into "\w+" .*(\$\d|\?)/)
    const headersSent = traced.collector.headers.at(-1)
    assert.deepEqual([headersSent?.authorization, headersSent?.['x-team']], ['Bearer collector-key', 'auth'])
  })

  it('hold a job with what it sends, linked to the request that caused it', async () => {
    const { server, find } = traced
    const email = freshEmail()
    const asked = await server.request('POST', '/auth/verification-mail', { json: { email } })
    const spans = await find(
      'the spans of the job',
      (spans) => spans,
      (spans) => {
        const cause = causeIn(spans, asked.headers.get('x-request-id'))
        const job = cause && jobOf(spans, cause)
        return (
          job !== undefined && spans.some(({ name, parentId }) => name === 'send mail' && parentId === job.id)
        )
      },
    )
    const cause = causeIn(spans, asked.headers.get('x-request-id'))
    const job = cause && jobOf(spans, cause)
    assert.ok(cause && job)
    assert.notEqual(job.traceId, cause.traceId)
    assert.equal(job.kind, 5)
    assert.equal(job.name, 'job verify-email-mail')
    const inRequest = spans.filter(({ parentId }) => parentId === cause.id)
    assert.ok(inRequest.every(({ attributes }) => !/update "jobs"/.test(String(attributes['db.query.text']))))
  })

  it('say what went wrong, and neither who asked nor for what', async () => {
    const { server, find, collector } = traced
    const email = freshEmail()
    const secret = 'a-secret-that-nobody-may-see'
    const refused = await minbil.signIn(server, { email, password: secret })
    const unknown = await server.request('GET', `/auth/nowhere/${secret}?token=${secret}`, { bearer: secret })
    const spans = await find(
      'the spans of the refusals',
      (spans) => spans,
      (spans) =>
        [refused, unknown].every(
          (answer) => causeIn(spans, answer.headers.get('x-request-id')) !== undefined,
        ),
    )
    const first = causeIn(spans, refused.headers.get('x-request-id'))
    assert.equal(first?.attributes['manydoors.outcome'], 'credentials_invalid')
    assert.equal(first?.attributes['http.response.status_code'], 401)
    assert.equal(first?.status, 0)
    const second = causeIn(spans, unknown.headers.get('x-request-id'))
    assert.equal(second?.name, 'GET')
    assert.equal(second?.attributes['http.route'], undefined)
    const everything = Buffer.concat(collector.bytes)
    for (const text of [secret, email, '127.0.0.1']) assert.ok(!everything.includes(text), text)
  })
})

describe('traces that are not wanted', () => {
  const unwanted: Record<string, Record<string, string>> = {
    'with OTEL_SDK_DISABLED': { OTEL_SDK_DISABLED: 'true' },
    'with OTEL_TRACES_EXPORTER=none': { OTEL_TRACES_EXPORTER: 'none' },
    'with a protocol that is not spoken here': { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    'with the sampler always_off': { OTEL_TRACES_SAMPLER: 'always_off' },
    'with a ratio of 0': { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
  }
  for (const [what, env] of Object.entries(unwanted)) {
    it(`are not sent ${what}`, async () => {
      const collector = await startCollector()
      const server = await startTestServer('sqlite', {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
      })
      assert.equal((await server.request('GET', '/healthz')).status, 200)
      await server.close()
      await collector.close()
      assert.equal(collector.bytes.length, 0)
    })
  }

  it('refuse the start with an invalid setting', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost', OTEL_TRACES_SAMPLER: 'sometimes' }
    await assert.rejects(startTestServer('sqlite', { env }), (error: Error) => {
      assert.match(error.message, /OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as/)
      assert.match(error.message, /OTEL_TRACES_SAMPLER must be one of/)
      return true
    })
  })
})

describe('a collector', () => {
  it('gets what is left when the server stops', async () => {
    const collector = await startCollector()
    const server = await startTestServer('sqlite', {
      env: {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
        OTEL_BSP_SCHEDULE_DELAY: '3600000',
      },
    })
    const { headers } = await server.request('GET', '/healthz')
    assert.equal(collector.spans.length, 0)
    await server.close()
    await collector.close()
    const ids = collector.spans.map(({ attributes }) => attributes['manydoors.request_id'])
    assert.deepEqual(ids, [headers.get('x-request-id')])
  })

  const broken: Record<string, () => Promise<{ url: string; close(): Promise<void> }>> = {
    'that refuses everything': () => startCollector({ status: 400 }),
    'that is not there': startNothing,
    'that never answers': startSilence,
  }
  for (const [what, start] of Object.entries(broken)) {
    it(`${what} disturbs no request and no stop`, async () => {
      const collector = await start()
      const server = await startTestServer('sqlite', {
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          OTEL_BSP_SCHEDULE_DELAY: '1',
          OTEL_EXPORTER_OTLP_TIMEOUT: '300',
        },
      })
      const person = await register(server)
      for (let count = 0; count < 5; count++) minbil.tokensOf(await minbil.signIn(server, person))
      await server.close()
      await collector.close()
      const complaints = server.log.filter(({ msg }) => /traces cannot be sent/.test(String(msg)))
      assert.ok(complaints.length <= 1)
      if (what === 'that refuses everything') assert.equal(complaints.length, 1)
      assert.deepEqual(
        server.log.filter(({ level }) => Number(level) >= 50),
        [],
      )
    })
  }
})

interface Traced {
  server: TestServer
  collector: Collector
  /** What `pick` finds among all spans that have come, once it is `complete`. */
  find(
    what: string,
    pick: (spans: ReceivedSpan[]) => ReceivedSpan[],
    isComplete: (spans: ReceivedSpan[]) => boolean,
  ): Promise<ReceivedSpan[]>
}

function useTraced(engine: Engine, env: Record<string, string>): Traced {
  const traced = {} as Traced
  before(async () => {
    traced.collector = await startCollector()
    traced.server = await startTestServer(engine, {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: traced.collector.url, OTEL_BSP_SCHEDULE_DELAY: '20', ...env },
    })
    traced.find = (what, pick, isComplete) =>
      eventually(what, () => {
        const found = pick(traced.collector.spans)
        return isComplete(found) ? found : undefined
      })
  })
  after(async () => {
    await traced.server?.close()
    await traced.collector?.close()
  })
  return traced
}

function causeIn(spans: ReceivedSpan[], requestId: string | null): ReceivedSpan | undefined {
  return spans.find(({ attributes }) => attributes['manydoors.request_id'] === requestId)
}

function jobOf(spans: ReceivedSpan[], cause: ReceivedSpan): ReceivedSpan | undefined {
  return spans.find(({ links }) => links.some(({ id }) => id === cause.id))
}

/** An address where nobody listens. */
async function startNothing(): Promise<{ url: string; close(): Promise<void> }> {
  const { url, close } = await startCollector()
  await close()
  return { url, close: async () => {} }
}

async function startSilence(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(() => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    close: async () => {
      const closed = new Promise((closed) => server.close(closed))
      server.closeAllConnections()
      await closed
    },
  }
}

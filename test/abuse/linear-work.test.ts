import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServedRoute } from '../../src/http/served-routes.ts'
import { openAccount, signInAgain } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { app, headersOf } from '../dialects/vastly/door.ts'
import { useServer } from '../harness/harness.ts'
import {
  heaviestFields,
  heaviestForms,
  heaviestHeaders,
  heaviestJson,
  heaviestSegments,
  heaviestTexts,
} from './heaviest.ts'
import { namesIn } from './names-in.ts'
import { type StrangeRequest, sendStrange } from './send-request.ts'

/** Of the thread that answers: what is more holds up everybody else. */
const maxMs = 50
/** The least of these counts, as a busy machine makes some of them longer. */
const attempts = 5
/** In characters: more than was sent would be work for others. */
const maxAnswerLength = 100_000

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/** As JSON. */
const heaviestValues = [...heaviestTexts, ...heaviestFields].map((value) => JSON.stringify(value))

/** Of every door, of nobody, and of pages. */
const targets = [
  ...adapters.map(({ prefixes }) => `${prefixes[0]}/no-such-thing`),
  '/nope',
  '/ui/sign-in',
  '/ui/reset-password',
]

describe('the costliest repeated input', () => {
  const server = useServer('sqlite', {
    env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  })

  const workOf = async (request: StrangeRequest): Promise<number> => {
    const before = process.threadCpuUsage()
    const { status, text } = await sendStrange(server.url, request)
    const { user, system } = process.threadCpuUsage(before)
    assert.ok(status < 500, `${status} for ${request.method} ${request.target.slice(0, 100)}`)
    assert.ok(text.length <= maxAnswerLength, `${text.length} characters for ${request.target.slice(0, 100)}`)
    return (user + system) / 1000
  }
  const assertQuick = async (what: string, request: StrangeRequest) => {
    let least = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < attempts && least > maxMs; attempt++)
      least = Math.min(least, await workOf(request))
    assert.ok(least <= maxMs, `${what} takes ${Math.round(least)} ms at ${request.target.slice(0, 100)}`)
  }

  for (const [type, bodies] of [
    [form, heaviestForms],
    [json, heaviestJson],
  ] as const) {
    it(`costs no time in a body of ${type}`, async () => {
      for (const [what, body] of Object.entries(bodies)) {
        const headers = { 'content-type': type }
        for (const target of targets) await assertQuick(what, { method: 'POST', target, headers, body })
        await assertQuick(what, { method: 'GET', target: '/healthz', headers, body })
      }
    })
  }

  it('costs no time in a header', async () => {
    const preflight = { origin: app.origin, 'access-control-request-method': 'POST' }
    const heavy = Object.entries(heaviestHeaders).flatMap(([name, values]) =>
      values.map((value) => [name, value] as const),
    )
    for (const [name, value] of heavy) {
      const what = `${name}: ${value.slice(0, 30)}`
      const body = Buffer.from('{}')
      const typed = { 'content-type': json, ...headersOf(app), [name]: value }
      for (const target of targets) await assertQuick(what, { method: 'POST', target, headers: typed, body })
      for (const target of ['/healthz', '/ui/sign-in', '/'])
        await assertQuick(what, { method: 'GET', target, headers: { [name]: value }, body: undefined })
      const asked = { ...preflight, [name]: value }
      await assertQuick(what, { method: 'OPTIONS', target: '/auth/signin', headers: asked, body: undefined })
    }
  })

  it('costs no time in a path or a query', async () => {
    const bases = [
      ...targets,
      '/auth/password-reset',
      '/api/oauth/valid_email',
      '/ui/verify-email',
      '/healthz',
    ]
    for (const segment of heaviestSegments)
      for (const base of bases)
        for (const mark of ['/', '?', '?token=', '?email='])
          await assertQuick(segment.slice(0, 30), {
            method: 'GET',
            target: `${base}${mark}${segment}`,
            headers: headersOf(app),
            body: undefined,
          })
  })

  for (const dialect of [...adapters, undefined]) {
    it(`costs no time in a field of ${dialect?.name ?? 'a page'}`, async () => {
      const account = dialect && (await openAccount(dialect, server))
      const headersFor = async (): Promise<Record<string, string>> => {
        if (!dialect || !account) return {}
        const { access } = await signInAgain(dialect, server, account)
        return { ...headersOf(app), authorization: `Bearer ${access}` }
      }
      const seen = new Set<unknown>()
      for (const route of server.routes.filter((route) => isWritten(route, dialect?.name))) {
        // Many routes have a second path.
        if (seen.has(route.schema.body)) continue
        seen.add(route.schema.body)
        const headers = { ...(await headersFor()), 'content-type': json }
        const target = route.path.replaceAll(/:\w+/g, 'x')
        for (const name of namesIn(route.schema.body)) {
          // A field that is named twice is refused before anything reads it.
          const others = name === 'email' ? '' : '"email":"a@example.com",'
          for (const value of heaviestValues) {
            const body = Buffer.from(`{${others}"${name}":${value}}`)
            await assertQuick(`${name}: ${value.slice(0, 30)}`, {
              method: route.method,
              target,
              headers,
              body,
            })
          }
        }
      }
    })
  }
})

function isWritten({ method, dialect }: ServedRoute, door: string | undefined): boolean {
  return dialect === door && ['POST', 'PUT', 'DELETE', 'PATCH'].includes(method)
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sayRaw } from '../abuse/raw-connection.ts'
import type { Answer, TestServer } from '../harness/harness.ts'
import type { DialectUnderTest, Example, RouteUnderTest } from './dialect-under-test.ts'
import { assertRefused, assertStillGood } from './refusals.ts'
import {
  everyRoute,
  headersOf,
  labelOf,
  pathOf,
  sendBody,
  sendExample,
  sendJson,
  statusesOf,
} from './support.ts'

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/** Nothing is lost or guessed before it is compared: what is no UTF-8, or could be read in two ways, is refused. */
export function strictRequestTests(dialect: DialectUnderTest, server: TestServer): void {
  for (const route of everyRoute(dialect)) {
    describe(labelOf(route), () => {
      if (route.method !== 'GET' && route.fields.length > 0) {
        charsetTests(dialect, server, route)
        halfCharacterTests(dialect, server, route)
      }
      targetTests(dialect, server, route)
      contradictionTests(dialect, server, route)
    })
  }
  const first = dialect.routes.find(
    ({ method, fields, optional = [], jsonOnly }) =>
      method !== 'GET' && fields.length > optional.length && !jsonOnly,
  )
  if (first) describe(labelOf(first), () => acceptedUtf8Tests(dialect, server, first))
}

function charsetTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('refuses a body that is not UTF-8 or declares another charset, and keeps working', async () => {
    const example = await route.example(server)
    const send = (raw: string | Buffer, type: string, headers = {}) =>
      sendBody(server, route, { ...example, headers: { ...example.headers, ...headers } }, { raw, type })

    for (const [raw, type] of notUtf8(route, example)) assertUnreadable(dialect, await send(raw, type))

    const text = JSON.stringify(example.body)
    for (const charset of ['iso-8859-1', 'ISO-8859-1', '"latin1"', 'utf-16', 'windows-1251', 'utf-7', '""'])
      for (const type of [json, form])
        assertUnsupported(dialect, await send(text, `${type}; charset=${charset}`))
    assertUnsupported(dialect, await send(Buffer.from(text, 'utf16le'), `${json};charset=UTF-16LE`))
    assertUnsupported(dialect, await send(text, `${json}; charset=utf-8; charset=latin1`))
    for (const coding of ['gzip', 'GZIP', 'identity, br', 'deflate'])
      for (const type of [json, form])
        assertUnsupported(dialect, await send(text, type, { 'content-encoding': coding }))
    await assertStillGood(server, route, example)
  })
}

function assertUnreadable(dialect: DialectUnderTest, answer: Answer): void {
  assertRefused(dialect, answer, statusesOf(dialect).unreadable)
}

function assertUnsupported(dialect: DialectUnderTest, answer: Answer): void {
  assertRefused(dialect, answer, statusesOf(dialect).unsupportedType)
  assert.equal(answer.headers.get('accept-encoding'), 'identity')
}

/** Each text field in Latin-1 and in windows-1251, in JSON and in a form, and forms whose bytes are none. */
function notUtf8({ fields, loose = [] }: RouteUnderTest, { body = {} }: Example): [Buffer, string][] {
  const texts = fields.filter((field) => !loose.includes(field) && typeof body[field] === 'string')
  const others = new URLSearchParams(
    Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const percented = ['%EF%E0%F0%EE%EB%FC', '%FF', '%C0%80', '%ED%A0%80', '%C3', '%C3%', '%zz%FF']
  return [
    ...texts.flatMap((field): [Buffer, string][] => [
      [Buffer.from(JSON.stringify({ ...body, [field]: `${body[field]}\u00e4` }), 'latin1'), json],
      [Buffer.from(`${others}&${field}=p\u00e4`, 'latin1'), form],
      [
        Buffer.from(JSON.stringify({ ...body, [field]: `${body[field]}\u00e4` })),
        `${json}; charset=us-ascii`,
      ],
    ]),
    ...percented.flatMap((bytes): [Buffer, string][] => [
      [Buffer.from(`${others}&name=${bytes}`), form],
      [Buffer.from(`${others}&${bytes}=x`), form],
    ]),
    [Buffer.from(JSON.stringify(body), 'utf16le'), json],
  ]
}

function halfCharacterTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('refuses a lone surrogate in a field, and keeps working', async () => {
    const example = await route.example(server)
    for (const field of route.fields) {
      const right = example.body?.[field]
      if (typeof right !== 'string') continue
      for (const half of ['\ud83d', '\udfff'])
        assertRefused(
          dialect,
          await sendJson(server, route, example, { ...example.body, [field]: right + half }),
          dialect.statuses.invalid,
        )
    }
    await assertStillGood(server, route, example)
  })
}

function targetTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('refuses a path or a query that is not UTF-8 or has too many fields', async () => {
    const path = pathOf(route, {}, () => 'x')
    const bytes = ['%FF', '%C0%80', '%ED%A0%80', 'p%E4', '%zz%E4']
    const many = 'a&'.repeat(1001)
    for (const query of [...bytes.flatMap((byte) => [`email=${byte}`, byte, `x&${byte}=y`]), many])
      assertUnreadable(dialect, await server.request(route.method, `${path}?${query}`))
    const raw = [`${path}?email=\u00ff`, `${path}?\u00c3\u00a9`, `${path}#x`]
    for (const target of raw) await assertRawRefused(dialect, server, [`${route.method} ${target} HTTP/1.1`])
    if (!route.path.includes(':')) return
    for (const byte of [...bytes, '%', '%zz', '\u00e9']) {
      const line = `${route.method} ${pathOf(route, {}, () => byte)} HTTP/1.1`
      await assertRawRefused(dialect, server, [line])
    }
  })
}

function contradictionTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('refuses two values of Host, Authorization or Content-Type', async () => {
    const path = pathOf(route, {}, () => 'x')
    const line = `${route.method} ${path} HTTP/1.1`
    const refused = (...lines: string[]) => assertRawRefused(dialect, server, [line, ...lines])
    await refused('Host: y')
    await refused('host: x')
    await refused('Authorization: Bearer a', 'Authorization: Basic b')
    await refused('authorization: Bearer a', 'AUTHORIZATION: Bearer a')
    await refused(`Content-Type: ${json}`, `Content-Type: ${form}`)
    for (const target of [`http://y${path}`, `https://x.y${path}`, `http://x:81${path}`])
      await assertRawRefused(dialect, server, [`${route.method} ${target} HTTP/1.1`])
  })
}

/** Said with `Host: x` below the first line, in Latin-1. */
async function assertRawRefused(
  dialect: DialectUnderTest,
  server: TestServer,
  [line, ...headers]: string[],
): Promise<void> {
  const said = [line, 'Host: x', ...headers, 'Connection: close', '', ''].join('\r\n')
  const [answer, ...more] = await sayRaw(server.url, Buffer.from(said, 'latin1'))
  assert.ok(answer, said)
  assert.deepEqual(more, [])
  assertUnreadable(dialect, answer)
}

function acceptedUtf8Tests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('accepts every spelling of UTF-8 and of no content coding', async () => {
    const good: [type: string, coding: string][] = [
      [`${json};charset=UTF-8`, ''],
      [`${json}; charset="utf-8"`, 'identity'],
      [`${json}; Charset=UTF8`, 'Identity'],
      [`${json}; charset=us-ascii`, 'identity, identity'],
      [`${json}; charset=US-ASCII; charset=utf-8`, ' '],
    ]
    for (const [type, coding] of good) {
      const example = await route.example(server)
      const headers = { ...example.headers, 'content-type': type, 'content-encoding': coding }
      assert.equal((await sendExample(server, route, { ...example, headers })).status, route.status, type)
    }
  })

  it('accepts JSON with a byte-order mark and with escapes', async () => {
    const example = await route.example(server)
    const escaped = `${JSON.stringify(example.body).slice(0, -1)},"x":"\\ud83d\\udd11\\u00e9"}`
    const answer = await sendBody(server, route, example, { raw: `\ufeff${escaped}`, type: json })
    assert.equal(answer.status, route.status, answer.text)
  })

  it('accepts a literal percent sign in a form', async () => {
    const example = await route.example(server)
    const fields = new URLSearchParams(example.body as Record<string, string>)
    const raw = `x=100%&y=%zz&%=%4&${fields}`
    const answer = await sendBody(server, route, example, { raw, type: form })
    assert.equal(answer.status, route.status, answer.text)
  })

  it('accepts a form of 1,000 fields, and refuses 1,001', async () => {
    const example = await route.example(server)
    const fields = new URLSearchParams(example.body as Record<string, string>)
    const send = (size: number) => {
      const more = 'x=&'.repeat(size - fields.size)
      return sendBody(server, route, example, { raw: `${fields}&${more}`, type: form })
    }
    assertUnreadable(dialect, await send(1001))
    assert.equal((await send(1000)).status, route.status)
  })

  it('accepts an empty body whatever its headers say', async () => {
    const { body, ...example } = await route.example(server)
    const headers = {
      ...example.headers,
      'content-type': `${json}; charset=utf-16`,
      'content-encoding': 'gzip',
    }
    const answer = await server.request(route.method, pathOf(route, example), {
      ...headersOf({ ...example, headers }),
      raw: '',
    })
    assertRefused(dialect, answer, dialect.statuses.invalid)
    assert.equal(answer.headers.get('accept-encoding'), null)
  })
}

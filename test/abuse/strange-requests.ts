import fc, { type Arbitrary } from 'fast-check'
import type { ServedRoute } from '../../src/http/served-routes.ts'
import { marker } from '../contract/refusals.ts'
import { namesIn } from './names-in.ts'
import type { StrangeRequest } from './send-request.ts'
import { strangeFields, strangeQuery, strangeSegment } from './strange-values.ts'

/** What the requests of a door need to be let in at all, and what a signed-in client of it sends. */
export interface Visitor {
  headers: Record<string, string>
  access: string | undefined
  origin: string | undefined
}

/** Requests for a route that are wrong in some ways, and right in others; `visitor` is asked when one is sent. */
export function strangeRequests(route: ServedRoute): Arbitrary<(visitor: Visitor) => StrangeRequest> {
  const { params, querystring, body } = route.schema
  const [path, query, fields] = [namesIn(params), namesIn(querystring), namesIn(body)]
  return fc
    .record({
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constant(route.method) },
        { weight: 1, arbitrary: methods },
      ),
      segments: fc.array(strangeSegment, { minLength: path.length, maxLength: path.length }),
      query: strangeQuery([...query, ...fields, 'token']),
      body: bodyOf(fields),
      authorization: fc.oneof(
        { weight: 3, arbitrary: fc.constant('good' as const) },
        { weight: 2, arbitrary: fc.option(fc.constantFrom(...authorizations), { nil: undefined }) },
      ),
      isVisitor: fc.oneof(
        { weight: 9, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.boolean() },
      ),
      headers: fc.dictionary(fc.constantFrom(...Object.keys(oddHeaders)), fc.nat(), { maxKeys: 2 }),
    })
    .map(({ method, segments, query, body, authorization, isVisitor, headers }) => (visitor) => {
      let parameter = 0
      const filled = route.path.replaceAll(/:\w+/g, () => segments[parameter++] ?? '')
      const bearer = visitor.access === undefined ? undefined : `Bearer ${visitor.access}`
      const given = authorization === 'good' ? bearer : authorization
      return {
        method,
        target: latin(`${filled}${query}`),
        headers: {
          ...(isVisitor && visitor.headers),
          ...(visitor.origin !== undefined && { origin: visitor.origin }),
          ...(given !== undefined && { authorization: given }),
          ...(body && { ...(body.type !== undefined && { 'content-type': body.type }) }),
          ...oddOnes(headers),
        },
        body: body?.bytes,
      }
    })
}

const methods = fc.constantFrom(
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'REPORT',
  'MKCOL',
  'LINK',
  'QUERY',
)

const authorizations = [
  'Bearer',
  'Bearer  ',
  'bearer null',
  `Bearer ${marker}`,
  `Basic ${marker}`,
  'Bearer a.b.c',
  `Bearer ${'e'.repeat(4000)}`,
  'Bearer eyJhbGciOiJub25lIn0.e30.',
  'Bearer \u00ff\u00fe',
  'Digest username="x", realm="y"',
  'null',
]

const loginCookie = '__Host-manydoors-login-01890000-0000-7000-8000-000000000000'

const oddHeaders: Record<string, string[]> = {
  cookie: [
    '=;;=',
    'a=%zz; b="',
    `${loginCookie}=`,
    `${loginCookie}=${marker}`,
    `${loginCookie}=%00%ff`,
    `${loginCookie}=a; ${loginCookie}=b`,
    `__Host-manydoors-login-${marker}=a; __Host-manydoors-login-=b; __Host-manydoors-login=c`,
    `__Host-manydoors-session=${marker}; __Host-manydoors-notice=${marker}`,
    '__Secure-minbil-refresh=a; __Secure-minbil-refresh=b',
    '__Host-credebl-verification=a; __Host-credebl-verification=b',
    `__Secure-minbil-refresh=${marker}`,
    `__Host-credebl-verification=${'x'.repeat(3000)}`,
    '__proto__=x; constructor=y',
    '\u00e9=\u00ff',
  ],
  'accept-language': ['', '*', ';;q=,', 'nb;q=1.5,,', 'x'.repeat(2000), '\u00ff'],
  accept: ['', 'text/plain;q=0', '*/*;q=abc'],
  'x-forwarded-for': ['', ',,,', 'unknown', '::ffff:1.2.3.4, \u00ff', '1.2.3.4'],
  'x-forwarded-host': ['evil.example', ''],
  'user-agent': ['', '\u00ff'.repeat(600), 'Mozilla/5.0 (((((((((('],
  'x-client-id': ['', '__proto__', marker],
  client_id: ['', '__proto__', marker],
  origin: ['', 'null', 'http://localhost:3000, https://evil.example', '\u00ff'],
  'content-encoding': ['gzip', 'identity', 'x', '', 'identity, gzip', '\u00ff'],
  'transfer-encoding': ['chunked'],
  host: ['', 'evil.example', '[', 'a b', ':::::', 'a, b', 'b@a', '\u00e9'],
  range: ['bytes=0-1'],
  'if-none-match': ['*'],
  'x-http-method-override': ['DELETE'],
  traceparent: ['', '00-zz', '00-00000000000000000000000000000000-0000000000000000-00'],
}

function oddOnes(chosen: Record<string, number>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(chosen).map(([name, choice]) => {
      const values = oddHeaders[name] ?? ['']
      return [name, values[choice % values.length] ?? '']
    }),
  )
}

interface Body {
  bytes: Buffer
  type: string | undefined
}

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

const contentTypes = fc.constantFrom(
  undefined,
  '',
  ';',
  'json',
  'application/json; charset=utf-16',
  'application/json; charset="ISO-8859-1"',
  'application/json; charset=us-ascii',
  'application/json; charset=utf-8; charset=utf-7',
  'application/json; charset=',
  'application/json;;=;',
  'APPLICATION/JSON',
  'application/ld+json',
  'application/json, text/plain',
  'application/x-www-form-urlencoded; charset=latin1',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'text/plain',
  'text/html',
  'application/octet-stream',
  'application/xml',
  'a/b/c',
  '\u00ff/json',
  `application/${'x'.repeat(2000)}`,
)

function bodyOf(names: string[]): Arbitrary<Body | undefined> {
  const object = strangeFields(names).map(
    (fields) => `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`,
  )
  const pairs = strangeFields(names).map((fields) =>
    fields.map(([name, value]) => `${name}=${value.replaceAll(/["&=]/g, '')}`).join('&'),
  )
  const bytes = fc.oneof(
    object.map((text) => Buffer.from(text)),
    pairs.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(...malformed),
  )
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 8, arbitrary: object.map((text): Body => ({ bytes: Buffer.from(text), type: json })) },
    { weight: 3, arbitrary: pairs.map((text): Body => ({ bytes: Buffer.from(text), type: form })) },
    { weight: 2, arbitrary: bytes.map((bytes): Body => ({ bytes, type: json })) },
    { weight: 1, arbitrary: bytes.map((bytes): Body => ({ bytes, type: form })) },
    { weight: 2, arbitrary: fc.record({ bytes, type: contentTypes }) },
  )
}

const malformed = [
  '',
  '{',
  `{"email":"${marker}`,
  '[]',
  '"text"',
  'null',
  '1e999',
  '{"a":1}{"b":2}',
  '['.repeat(60_000),
  '{"a":'.repeat(10_000),
  'email=%&password=%zz&=&&',
  'email=a&email=b&email=c',
  'email=a&'.repeat(8000),
  'a&'.repeat(32_000),
  'a[]=&'.repeat(1000),
  'email=%EF%E0&%F0%EE=x&password=%C0%80',
  '{"email":"\\ud83d","password":"\\udfff"}',
  'x'.repeat(70_000),
  '\ufeff{}',
].map((text) => Buffer.from(text))
malformed.push(
  Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
  Buffer.from('{"email":"\xff\xed\xa0\x80"}', 'latin1'),
  Buffer.from('{"password":"p\xe4ssw\xf6rd"}', 'latin1'),
  Buffer.from('password=p\xe4ssw\xf6rd', 'latin1'),
  Buffer.from('{"email":"a@example.com"}', 'utf16le'),
)

function latin(target: string): string {
  return target.replaceAll(/[^\x21-\xff]/g, '')
}

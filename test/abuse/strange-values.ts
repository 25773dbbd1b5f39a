import fc, { type Arbitrary } from 'fast-check'
import { marker } from '../contract/refusals.ts'
import { anyCharacter } from '../harness/any-character.ts'

const deepest = 20_000

/** Text that no person types. */
const strangeText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    `${marker}\0`,
    '\ud800',
    `\udfff${marker}\ud83d`,
    '\u202e\u2066\ufeff',
    '\r\nSet-Cookie: a=b\r\n\r\n',
    '__proto__',
    'constructor',
    'null',
    'undefined',
    'NaN',
    '-1',
    '../../etc/passwd',
    "' or 1=1 --",
    '{{ brand.name }}<script>alert(1)</script>',
    '%00%s%n',
    'x'.repeat(300),
    '😀'.repeat(200),
    'é'.repeat(5000),
    'A'.repeat(50_000),
    '@',
    'a@b',
    `${'a'.repeat(300)}@example.com`,
    'a@xn--\u0000.example',
    '+',
    '+0000000000000000000000000000',
    'http://',
    'javascript:alert(1)',
  ),
  fc.string({ unit: anyCharacter, maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
)

/** What a client of that field may well send: it leads past the first check. */
function plausibleText(field: string): Arbitrary<string> {
  if (/mail|user|identifier/i.test(field))
    return fc.constantFrom('nobody@example.com', 'ADA@Example.com ', 'ada')
  if (/mobile|phone/i.test(field)) return fc.constantFrom('+4791234567', '+47 912 34 567')
  if (/pass/i.test(field)) return fc.constantFrom('12345678', 'short', 'x'.repeat(257))
  if (/code|otp/i.test(field)) return fc.constantFrom('123456', '000 000', 'abcdefghjkmn')
  return fc.constantFrom('x', 'a.b.c', '0'.repeat(64), '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b')
}

/** The text of a JSON value of any kind. */
const strangeJson: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: strangeText.map((text) => JSON.stringify(text)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'null',
      'true',
      '0',
      '-0',
      '1e999',
      '-1e999',
      '1e-999',
      '123456789012345678901234567890',
      '[]',
      '{}',
      '[null]',
      '[[[["x"]]]]',
      '["a","b"]',
      '{"toString":1,"valueOf":2,"length":-1}',
      '{"then":{"then":1}}',
      '{"__proto__":{"isAdmin":true}}',
      '{"constructor":{"prototype":{"isAdmin":true}}}',
      '"\\ud800\\u0000"',
      '['.repeat(deepest) + ']'.repeat(deepest),
      `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
    ),
  },
  { weight: 1, arbitrary: fc.json() },
)

const reachingNames = ['__proto__', 'constructor', 'prototype', 'toString', 'then', '', '\0', 'length']

/** The fields of a body, any of them strange, missing, twice, or nobody's. */
export function strangeFields(names: string[]): Arbitrary<[name: string, json: string][]> {
  const known = names.map((name) =>
    fc.oneof(
      { weight: 5, arbitrary: plausibleText(name).map((text) => JSON.stringify(text)) },
      { weight: 3, arbitrary: strangeJson },
    ),
  )
  const nameOf = fc.constantFrom(...names, ...reachingNames)
  return fc
    .tuple(
      fc.subarray(
        names.map((_, index) => index),
        { minLength: Math.max(0, names.length - 1) },
      ),
      fc.tuple(...known),
      fc.array(fc.tuple(nameOf, strangeJson), { maxLength: 2 }),
    )
    .map(([kept, values, more]) => [
      ...kept.map((index): [string, string] => [names[index] ?? '', values[index] ?? 'null']),
      ...more,
    ])
}

/** Percent-encoded, or meant to look so. */
export const strangeSegment: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '%00',
    '%ED%A0%80',
    '%',
    '%zz',
    '%C0%AF',
    '%FF%FE',
    '%EF%E0%F0%EE%EB%FC',
    '%C3',
    '%4',
    '%E9&%E9=%E9',
    'a&'.repeat(1001),
    '__proto__',
    '..',
    '..%2f..%2f',
    '%2e%2e',
    '*',
    ':token',
    "'%20or%201=1--",
    '%F0%9F%94%91',
    '%0d%0aSet-Cookie:%20a=b',
    'x'.repeat(600),
    'x'.repeat(8000),
    '\u00e9\u00ff',
    ';a=b',
    marker,
    '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
  ),
  fc
    .string({ unit: anyCharacter, maxLength: 20 })
    .map((text) => encodeURIComponent(Buffer.from(text).toString())),
)

/** What comes behind the path. */
export function strangeQuery(names: string[]): Arbitrary<string> {
  const pair = fc
    .tuple(fc.constantFrom(...names, ...reachingNames.map(encodeURIComponent)), strangeSegment)
    .map(([name, value]) => `${name}=${value.replaceAll('#', '')}`)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('?', '??', '?%', '?&&&=&==', '?a[b]=c&a[]=d', `?${'a=b&'.repeat(3000)}`),
    },
    { weight: 3, arbitrary: fc.array(pair, { maxLength: 3 }).map((pairs) => `?${pairs.join('&')}`) },
  )
}

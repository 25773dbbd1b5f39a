/** In bytes: what a body may have at most, less what is around it. */
const bodyBytes = 64 * 1024 - 200
/** What the first line and the headers may have at most, less what else there is of them. */
const headBytes = 15 * 1024

function filled(text: string, bytes: number): string {
  return text.repeat(Math.floor(bytes / Buffer.byteLength(text)))
}

function bodies(repeated: Record<string, string | Buffer<ArrayBuffer>>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(repeated).map(([what, text]) => [what, Buffer.from(text)]))
}

const repeatedPairs = [
  'a&',
  'a=&',
  '[]&',
  'a[]=&',
  '[][]&',
  'a=%25&',
  '&',
  '=',
  '%25',
  '%C3%A9',
  '+',
  '%',
  '[]',
  '%ff',
]

/** Forms of the greatest length that a body may have. */
export const heaviestForms: Record<string, Buffer> = bodies({
  ...Object.fromEntries(repeatedPairs.map((text) => [text, filled(text, bodyBytes)])),
  'one field of many letters': `email=${filled('a', bodyBytes)}`,
  'one field of many bytes': `email=${filled('%25', bodyBytes)}`,
  '999 fields of one name': filled(`a=${'x'.repeat(60)}&`, bodyBytes),
  'as many names as fields': Array.from({ length: 999 }, (_, index) => `a${index}=${'b'.repeat(55)}`).join(
    '&',
  ),
})

const half = bodyBytes / 2
const deepest = Math.floor(bodyBytes / 6)

/** JSON of the greatest length that a body may have. */
export const heaviestJson: Record<string, Buffer> = bodies({
  'deep lists': `${'['.repeat(half)}${']'.repeat(half)}`,
  'deep lists without an end': filled('[', bodyBytes),
  'deep objects': `${'{"a":'.repeat(deepest)}1${'}'.repeat(deepest)}`,
  'deep prototypes': `${'{"__proto__":'.repeat(bodyBytes / 14)}1${'}'.repeat(bodyBytes / 14)}`,
  'many prototypes': `[${filled('{"__proto__":{}},', bodyBytes)}1]`,
  'a wide list': `[${filled('0,', bodyBytes)}0]`,
  'a wide object': `{${Array.from({ length: 5000 }, (_, index) => `"a${index}":0`).join()}}`,
  'one key many times': `{${filled('"a":0,', bodyBytes)}"a":0}`,
  'keys that are numbers': `{${Array.from({ length: 4500 }, (_, index) => `"${index * 65_536}":0`).join()}}`,
  'many escapes': `{"email":"${filled('\\u0041', bodyBytes)}"}`,
  'many halves': `{"email":"${filled('\\ud800', bodyBytes)}"}`,
  'many quotes': filled('"', bodyBytes),
  'many blanks': `${filled(' ', bodyBytes)}x`,
  'blanks behind a prototype': `{"__proto__"${filled(' ', bodyBytes)}x`,
  'many underscores': `{"${filled('_', bodyBytes)}":0}`,
  'many bytes that are no text': Buffer.alloc(bodyBytes, 0xff),
})

const letters = [
  'a',
  '.',
  '@',
  'a.',
  'a@',
  '/',
  ' ',
  '\t',
  '+',
  '4',
  '-',
  '1:',
  'é',
  '\u0130',
  '\0',
  '\u200b',
  '{{',
  '(',
  'a-',
]

/** Text for a field, of which no end is like what came before. */
export const heaviestTexts: string[] = letters
  .flatMap((letter) => {
    const text = filled(letter, bodyBytes - 2000)
    // What JSON writes as six letters is shorter.
    const fitting = letter === '\0' ? text.slice(0, bodyBytes / 7) : text
    return [fitting, `${fitting}!`].slice(letter === '\0' ? 1 : 0)
  })
  .concat([
    `a@${filled('a.', 60_000)}`,
    `https://${filled('a.', 60_000)}`,
    `https://a.example/${filled('/', 60_000)}x`,
    `https://${filled('%61', 60_000)}/`,
    `+47${filled(' (0)', 60_000)}`,
    `U2FsdGVkX1${filled('A', 60_000)}`,
    `eyJ${filled('.', 60_000)}`,
    // Marks to be brought into order: as many as there is room for, and as many as are.
    `a${filled('\u0301\u0323', 60_000)}`,
    `a${filled('\u0301\u0323', 8_000)}`,
    filled(' \u200b', 60_000),
  ])

/** What belongs in no field. */
export const heaviestFields: unknown[] = [
  Array(32_000).fill(0),
  Array(20_000).fill(''),
  Array(1_500).fill('0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'),
  Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`a${index}`, 0])),
]

const loginCookie = (number: number) =>
  `__Host-manydoors-login-01890000-0000-7000-8000-${String(number).padStart(12, '0')}`
const inHeader = (...texts: string[]) => texts.map((text) => filled(text, headBytes))

/** Headers that somebody reads, of the greatest length that they may have. */
export const heaviestHeaders: Record<string, string[]> = {
  cookie: [
    ...inHeader('a=b; ', ';', '=', 'a', 'a;', '"', '%25', 'a=%; ', '__Secure-minbil-refresh=a; '),
    `${filled(';', headBytes - 2)}=a`,
    ...inHeader('__Host-manydoors-login-=a; ', `${loginCookie(0)}=a; `, `${loginCookie(0)}=%ff; `),
    Array.from({ length: headBytes / loginCookie(0).length - 1 }, (_, number) => loginCookie(number)).join(
      '=a;',
    ),
  ],
  'accept-language': inHeader('a,', 'nb,', 'a;q=0.1,', ';', ',', 'a-', '*,', '-', 'en;q="', ' ,', 'a;b=c;'),
  accept: inHeader('a/b,', '*/*;q=0.1,', ';'),
  'x-forwarded-for': inHeader(
    '1,',
    ',',
    '127.0.0.1,',
    '::1,',
    ':,',
    ' ,',
    '::ffff:127.0.0.1,',
    '10.0.0.1:1 ,',
    '1.',
    '%',
    'a',
    '[',
    '"',
    '"" ',
  ),
  'x-request-id': inHeader('a', '-', ':'),
  forwarded: inHeader('for=1,', '"', ';'),
  authorization: [
    `Bearer ${filled('a', headBytes)}`,
    `Bearer ${filled('a ', headBytes)}b`,
    `Bearer${filled(' ', headBytes)}`,
    `Bearer ${filled('.', headBytes)}`,
    `Bearer ${filled('eyJ.', headBytes)}`,
    filled('Bearer ', headBytes),
    `Basic ${filled('=', headBytes)}`,
  ],
  'user-agent': inHeader('(', 'Mozilla/5.0 ', 'Version/1', '1.', 'Chrome/', 'Android 1 ', ';'),
  'content-type': [
    ...[';', ';a=b', '; charset=utf-8', '; charset="', ' ', '; ', ';a="\\"', 'a+'].map(
      (text) => `application/json${filled(text, headBytes)}`,
    ),
    filled('a', headBytes),
    filled('a/', headBytes),
    `application/${filled('a+', headBytes)}`,
    `application/x-www-form-urlencoded;${filled(' ', headBytes)}charset`,
  ],
  'content-encoding': inHeader('identity,', ',', 'gzip,', ' '),
  origin: inHeader('http://', 'a', ':', '/'),
  client_id: inHeader('a', ','),
  'x-client-id': inHeader('a', ','),
  'access-control-request-headers': inHeader('a,', ',', 'a'),
  traceparent: inHeader('00-', '0', '-'),
  tracestate: inHeader('a=b,', ',', '='),
  host: inHeader(':', ':1', 'a.', '1', '.', '%41', '-').concat(`${filled('a', headBytes)} b`),
  expect: inHeader('a,'),
  'sec-fetch-site': inHeader('cross-site'),
}

/** What may stand in a path or a query. */
export const heaviestSegments: string[] = [
  ...[
    'a',
    '/',
    '%25',
    '%2F',
    '%C3%A9',
    '..%2f',
    '../',
    ':',
    'a&',
    'a=&',
    '[]&',
    '?',
    '+',
    '%',
    ';',
    '%ff',
    '=',
    '&',
  ],
  '%41',
  '//',
].map((text) => filled(text, headBytes))

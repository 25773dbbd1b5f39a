import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertRefused } from '../contract/refusals.ts'
import { statusesOf } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { minbil, type Person, register } from '../harness/doors.ts'
import { type Answer, useServer } from '../harness/harness.ts'
import { openRaw, sayRaw } from './raw-connection.ts'

const megabyte = 1024 * 1024

/** The words in which the server speaks below each of these. */
const doors = adapters.flatMap((dialect) =>
  dialect.prefixes.map((prefix) => ({ dialect, path: `${prefix}/no-such-thing` })),
)

function onlyAnswer(answers: Answer[]): Answer {
  assert.equal(answers.length, 1, JSON.stringify(answers.map(({ status, text }) => [status, text])))
  return answers[0] as Answer
}

/** Complete, protected, and the last one on its connection. */
function assertLast(answer: Answer): void {
  assert.equal(answer.headers.get('connection'), 'close')
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.match(answer.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
  assert.ok(answer.headers.get('date'))
}

function assertPlain(answer: Answer, status: number, error: string): void {
  assert.equal(answer.status, status, answer.text)
  assert.deepEqual(answer.body, { error })
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
}

describe('requests that Node refuses by itself', () => {
  const server = useServer('sqlite')
  const refusalOf = async (said: string | Buffer) => onlyAnswer(await sayRaw(server.url, said))

  for (const { dialect, path } of doors) {
    describe(`for ${path}, in ${dialect.name}'s words`, () => {
      const refused = async (why: 'headersTooLarge' | 'unreadable', said: string | Buffer) => {
        const answer = await refusalOf(said)
        assertRefused(dialect, answer, statusesOf(dialect)[why])
        assertLast(answer)
      }

      it('have headers of a megabyte', () =>
        refused(
          'headersTooLarge',
          `POST ${path} HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(megabyte)}\r\n\r\n`,
        ))

      it('have very many headers', () =>
        refused(
          'headersTooLarge',
          `GET ${path} HTTP/1.1\r\nHost: x\r\n${'X-Many: 1\r\n'.repeat(50_000)}\r\n`,
        ))

      it('have an address of a megabyte', () =>
        refused('headersTooLarge', `GET ${path}?${'x'.repeat(megabyte)} HTTP/1.1\r\nHost: x\r\n\r\n`))

      it('have a path of a megabyte', () =>
        refused('headersTooLarge', `GET ${path}/${'x'.repeat(megabyte)} HTTP/1.1\r\nHost: x\r\n\r\n`))

      it('have a header that is none', () =>
        refused('unreadable', `GET ${path} HTTP/1.1\r\nHost: x\r\nnot a header\r\n\r\n`))

      it('say in two ways how long they are', () =>
        refused(
          'unreadable',
          `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        ))

      it('say wrongly how long they are', () =>
        refused('unreadable', `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n`))

      it('have a body in pieces that are none', () =>
        refused(
          'unreadable',
          `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`,
        ))

      it('name no host', () => refused('unreadable', `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`))
    })
  }

  it('are not HTTP', async () => {
    for (const said of ['\r\n\r\n!', 'hello\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\x16\x03\x01\x02\x00\x01'])
      assertPlain(await refusalOf(said), 400, 'bad_request')
  })

  it('have headers of a megabyte, and are for nobody', async () => {
    const answer = await refusalOf(`GET /nowhere HTTP/1.1\r\nX-Long: ${'x'.repeat(megabyte)}\r\n\r\n`)
    assertPlain(answer, 431, 'headers_too_large')
    assertLast(answer)
  })

  it('ask for a tunnel', async () => {
    assertPlain(
      await refusalOf('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n'),
      404,
      'route_not_found',
    )
  })

  it('expect what nobody knows, and are answered as if they did not', async () => {
    const answer = await refusalOf(
      'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n',
    )
    assert.equal(answer.status, 200)
  })

  it('name the host in the address, and are answered by the door that is meant', async () => {
    const [dialect] = adapters
    assert.ok(dialect)
    const path = `http://auth.example.com${dialect.prefixes[0]}/no-such-thing`
    const answer = await refusalOf(
      `GET ${path} HTTP/1.1\r\nHost: auth.example.com\r\nConnection: close\r\n\r\n`,
    )
    assertRefused(dialect, answer, statusesOf(dialect).unknownPath)
  })

  it('come behind good ones, which are answered first', async () => {
    const person = await register(server)
    const answers = await sayRaw(
      server.url,
      `${signIn(person)}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nnot a request\r\n\r\n`,
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 400],
    )
    minbil.tokensOf(answers[0] as Answer)
    assert.deepEqual(answers[1]?.body, { status: 'ok' })
  })

  it('have a body that is far too large, and are told so', async () => {
    const length = 8 * megabyte
    const head = `POST /api/co/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
    const answer = await refusalOf(Buffer.concat([Buffer.from(head), Buffer.alloc(length, 'x')]))
    assert.equal(answer.status, 413)
    assert.equal(answer.body.code, 'payload_too_large')
  })
})

describe('connections', () => {
  const server = useServer('sqlite')

  it('end when clients close their side, whatever they have said', async () => {
    const person = await register(server)
    for (const said of ['', 'GET /he', signIn(person).slice(0, -5), signIn(person)]) {
      const connection = await openRaw(server.url)
      try {
        await connection.say(said)
        connection.hangUp()
        await connection.ended()
      } finally {
        connection.close()
      }
    }
    minbil.tokensOf(await minbil.signIn(server, person))
  })

  it('may carry many requests that do not wait for one another', async () => {
    const person = await register(server)
    const [good, bad] = [signIn(person), signIn({ ...person, password: 'wrong password' })]
    const last = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    const answers = await sayRaw(server.url, `${good}${bad}${good}${last}`)
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 401, 200, 200],
    )
  })

  it('may be torn off anywhere, and the next one is served', async () => {
    const person = await register(server)
    const whole = signIn(person)
    for (let length = 1; length < whole.length; length += 7) {
      const connection = await openRaw(server.url)
      await connection.say(whole.slice(0, length))
      connection.close()
    }
    minbil.tokensOf(await minbil.signIn(server, person))
    assert.deepEqual(
      server.log.filter(({ level }) => Number(level) >= 50),
      [],
    )
  })
})

function signIn(person: Person): string {
  const body = JSON.stringify(person)
  return `POST /api/co/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

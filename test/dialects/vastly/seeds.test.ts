import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Answer, freshEmail, type TestServer, useServer } from '../../harness/harness.ts'
import { assertFail, freshPhone, mailedToken, me, post, register, sentCode, texts } from './door.ts'

const seed = await readFile(join(import.meta.dirname, 'seeds.txt'), 'utf8')

/** A sample of the document, as it stands there. */
interface Sample {
  method: string
  path: string
  headers: Record<string, string>
  /** JSON. */
  body: string
  /** The token in it, which belongs to nobody. */
  token: string
  /** The answer that it shows. */
  answer: Record<string, string>
}

const request = String.raw`^Request\n\n(?<method>[A-Z]+)\nhttp:\/\/localhost:5501(?<path>\S+)\n`
const headers = String.raw`^Example\n\nHeaders\n\n(?<headers>.+?)\n\n`
const bodies = String.raw`Body\n\n(?<body>\{.+?^\})\n\nResponse\n\n(?<answer>\{.+?^\})`
const sample = new RegExp(`${request}.+?${headers}${bodies}`, 'gms')

const [byMail = assert.fail(), bySms = assert.fail(), ...others] = [...seed.matchAll(sample)].map(readSample)

describe('the samples of vastly’s document', () => {
  const server = useServer('sqlite')

  it('are two', () => {
    assert.deepEqual(others, [])
    assert.deepEqual([byMail.path, bySms.path], ['/api/v1/auth/resetpass', '/api/v1/auth/resetpass/mobile'])
    assert.deepEqual([byMail.method, bySms.method], ['POST', 'POST'])
    assert.match(byMail.token, /^[\da-f]{64}$/)
    assert.match(bySms.token, /^\d{6}$/)
    assert.deepEqual(byMail.headers, bySms.headers)
    assert.deepEqual(Object.keys(byMail.headers), ['Origin', 'client_id'])
  })

  it('are refused as they stand, as their tokens were never sent', async () => {
    for (const each of [byMail, bySms]) assertFail(await send(server, each), 400, texts.invalidToken)
  })

  it('set the password that a mailed link allows, and hand out a token for the owner', async () => {
    const email = freshEmail()
    await register(server, { email })
    const answer = await send(server, byMail, await mailedToken(server, email))
    const { user } = await assertAsShown(answer, byMail)
    assert.equal(user.email, email)
    const json = { email, password: '12345678' }
    assert.equal((await post(server, '/login', { json })).status, 200)
  })

  it('set the password that a code by SMS allows, and hand out a token for the owner', async () => {
    const mobile = freshPhone()
    await register(server, { mobile })
    const answer = await send(server, bySms, await sentCode(server, mobile))
    const { user } = await assertAsShown(answer, bySms)
    assert.equal(user.mobile, mobile)
    const json = { mobile, password: '12345678' }
    assert.equal((await post(server, '/login', { json })).status, 200)
  })

  /**
   * The answer has the fields that the document shows, and its token opens `/me`, whose body this returns.
   */
  async function assertAsShown({ status, body, text }: Answer, { answer }: Sample) {
    assert.equal(status, 200, text)
    assert.deepEqual(Object.keys(body), Object.keys(answer))
    assert.equal(body.status, answer.status)
    const opened = await me(server, body.token)
    assert.equal(opened.status, 200, opened.text)
    return opened.body
  }
})

/** Sends a sample, with another token in the place of its own. */
function send(
  server: TestServer,
  { method, path, headers, body, token }: Sample,
  another = token,
): Promise<Answer> {
  const raw = body.replace(token, another)
  return server.request(method, path, { raw, headers: { ...headers, 'content-type': 'application/json' } })
}

function readSample({ groups = {} }: RegExpExecArray): Sample {
  const { method = '', path = '', headers = '', body = '', answer = '' } = groups
  return {
    method,
    path,
    headers: Object.fromEntries(headers.split('\n').map((line) => line.split(': '))),
    body,
    token: JSON.parse(body).token,
    answer: JSON.parse(answer),
  }
}

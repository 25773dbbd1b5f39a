import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { claimsOf, type TestServer, useServer } from '../../harness/harness.ts'
import { activationToken, confirm, enrol, invalidCredentials, nextCode, send } from './door.ts'

const document = readFileSync(join(import.meta.dirname, 'seeds.txt'), 'utf8')
const samples = samplesOf(document)
const [register = '', login = '', twoFactor = '', refresh = '', logout = ''] = samples
const email = 'user@mrdemonwolf.github.io'
const password = email

/** Every cURL command, to the letter: a line that ends in a backslash goes on in the next. */
function samplesOf(text: string): string[] {
  return [...text.matchAll(/^curl .*(?:(?<=\\)\n(?!\{).*)*/gm)].map(([sample]) => sample)
}

/** What a token of the document's samples looks like. */
const sampleToken = /eyJ[\w-]+\.[\w-]+\.[\w-]+/

/** Puts a real value in the place of the sample's; fails when there is none to replace. */
function fillIn(sample: string, pattern: RegExp, value: string): string {
  assert.match(sample, pattern)
  return sample.replace(pattern, () => value)
}

const shell = promisify(execFile)

/** Runs a sample through bash and cURL, with this server for the document's host. */
async function run(server: TestServer, sample: string): Promise<{ status: number; text: string }> {
  const command = fillIn(sample, /https:\/\/www\.example\.com\/api/, `${server.url}/api`)
  const options = `--disable --noproxy '*' --silent --show-error --write-out '\\n%{http_code}'`
  const curl = `curl() { command curl ${options} "$@"; }`
  const { stdout } = await shell('bash', ['-c', `${curl}\n${command}\n`])
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) }
}

async function expectAnswer(
  server: TestServer,
  sample: string,
  status: number,
  body: Record<string, unknown>,
): Promise<void> {
  assert.deepEqual(await run(server, sample), { status, text: JSON.stringify(body) })
}

/** Runs a sample that is answered with tokens and nothing else but `rest`. */
async function expectTokens(server: TestServer, sample: string, rest: Record<string, unknown> = {}) {
  const { status, text } = await run(server, sample)
  const { access_token, refresh_token } = JSON.parse(text)
  assert.deepEqual(
    { status, text },
    { status: 200, text: JSON.stringify({ access_token, refresh_token, ...rest }) },
  )
  assert.equal(claimsOf(access_token).exp - claimsOf(access_token).iat, 1800)
  assert.equal(claimsOf(refresh_token).exp - claimsOf(refresh_token).iat, 86400)
  return { access: access_token as string, refresh: refresh_token as string }
}

describe('the document of wolfpal', () => {
  it('has five samples', () => {
    assert.deepEqual(
      samples.map((sample) => /www\.example\.com(\/\S+)'/.exec(sample)?.[1]),
      [
        '/api/auth/register',
        '/api/auth/login',
        '/api/auth/two-factor',
        '/api/auth/refresh',
        '/api/auth/logout',
      ],
    )
    for (const sample of samples) assert.ok(document.includes(`\n${sample}`))
  })
})

describe("the document's samples", () => {
  const server = useServer('sqlite')
  const rightLogin = fillIn(login, /uuser@/, 'user@')
  let tokens = { access: '', refresh: '' }

  it('register', async () => {
    await expectAnswer(server, register, 201, {
      code: 'PENDING_CONFIRMATION',
      error: 'Please confirm your email address to complete the registration.',
    })
  })

  it('do not log in before the address is confirmed by the mail', async () => {
    const answer = await run(server, rightLogin)
    assert.equal(answer.status, 400)
    assert.equal(JSON.parse(answer.text).code, 'PENDING_CONFIRMATION')
    const token = await activationToken(server, email)
    assert.equal((await server.request('POST', '/ui/verify-email', { form: { token } })).status, 200)
  })

  it('do not log in with the typo of the document', async () => {
    const [status, code, error] = invalidCredentials
    await expectAnswer(server, login, status, { code, error })
  })

  it('log in without the typo', async () => {
    tokens = await expectTokens(server, rightLogin, { twoFactor: false })
  })

  it('do not refresh with the token of the document', async () => {
    await expectAnswer(server, refresh, 401, { code: 'UNAUTHORIZED', error: 'Unauthorized.' })
  })

  it('refresh', async () => {
    const before = tokens
    tokens = await expectTokens(server, fillIn(refresh, sampleToken, tokens.refresh))
    assert.notEqual(tokens.access, before.access)
    assert.notEqual(tokens.refresh, before.refresh)
  })

  it('do not log out with the token of the document', async () => {
    await expectAnswer(server, logout, 401, { code: 'UNAUTHORIZED', error: 'Unauthorized.' })
  })

  it('log out', async () => {
    const sample = fillIn(logout, sampleToken, tokens.access)
    await expectAnswer(server, sample, 200, { code: 'LOGGED_OUT', error: 'You are now logged out.' })
    await expectAnswer(server, sample, 401, { code: 'UNAUTHORIZED', error: 'Unauthorized.' })
  })

  it('do not log in with the second factor of the document', async () => {
    await expectAnswer(server, twoFactor, 400, {
      code: 'INVALID_TWO_FACTOR_TOKEN',
      error: 'Invalid two factor token.',
    })
  })

  it('log in with a second factor', async () => {
    const { access } = await expectTokens(server, rightLogin, { twoFactor: false })
    const { secret } = await enrol(server, access)
    assert.equal((await confirm(server, access, nextCode(server, secret))).status, 200)
    await send(server, 'POST', '/auth/logout', { bearer: access })

    const challenge = await run(server, rightLogin)
    assert.equal(challenge.status, 200)
    const { token } = JSON.parse(challenge.text)
    const sample = fillIn(twoFactor, /(?<=token=)\w{64}/, token)
    const code = nextCode(server, secret)
    const finished = await expectTokens(server, fillIn(sample, /(?<=code=)\d{6}/, code), { twoFactor: true })
    const { user } = (await send(server, 'GET', '/account', { bearer: finished.access })).body
    assert.deepEqual([user.username, user.email, user.twoFactor], ['usermrdemonwolfgithubio', password, true])
  })
})

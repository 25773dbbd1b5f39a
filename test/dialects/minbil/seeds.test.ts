import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { runInNewContext } from 'node:vm'
import { mailCausedBy, queryOf, type TestServer, useServer } from '../../harness/harness.ts'

const execute = promisify(execFile)
const project = join(import.meta.dirname, '..', '..', '..')
const seed = await readFile(join(import.meta.dirname, 'seeds.txt'), 'utf8')

/** Whom the samples sign in. */
const owner = { email: 'owner@minbil.io', password: 'StrongPass123!' }

const routes = ['forgot-password', 'refresh', 'sign-in', 'sign-out'] as const
type Route = (typeof routes)[number]

/** What a sample printed: the status and the body that it got. */
interface Printed {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire has no type
  body: any
}

/** One kind of sample: where its code stands in the document, and how to run that. */
interface Kind {
  name: string
  code: RegExp
  run(code: string, at: { folder: string; url: string; accessToken: string }): Promise<Printed>
}

const kinds: Kind[] = [
  { name: 'axios', code: /^Node\.js Axios example\n(.+?)\ncURL example$/gms, run: runModule },
  { name: 'cURL', code: /^cURL example\n(.+?)\nFetch example$/gms, run: runCurl },
  {
    name: 'fetch',
    code: /^Fetch example\n(.+?\nconsole\.log\(response\.status, data\);)/gms,
    run: runModule,
  },
]

describe('the samples of minbil’s document', () => {
  // Below the project, so that `import axios` finds the package.
  let folder = ''
  before(async () => {
    const cache = join(project, 'node_modules', '.cache')
    await mkdir(cache, { recursive: true })
    folder = await mkdtemp(join(cache, 'manydoors-samples-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const kind of kinds) {
    describe(`with ${kind.name}`, () => {
      const server = useServer('sqlite')
      const samples = extractSamples(kind)
      const run = (route: Route, accessToken = 'YOUR_BEARER_TOKEN') =>
        kind.run(samples[route], { folder, url: server.url, accessToken })

      before(async () => {
        const answer = await server.request('POST', '/api/co/auth/sign-up', { json: owner })
        assert.equal(answer.status, 201, answer.text)
      })

      it('sign in', async () => {
        const { status, body } = await run('sign-in')
        assert.equal(status, 200)
        const { access_token, refresh_token, expires_at, expires_at_unix, user, ...rest } = body
        assert.deepEqual(rest, { message: 'Login successful.', expires_in: 3600, token_type: 'bearer' })
        assert.equal(Date.parse(expires_at) / 1000, expires_at_unix)
        assert.equal(user.email, owner.email)
        const json = { refresh_token }
        assert.equal((await server.request('POST', '/api/co/auth/refresh', { json })).status, 200)
        assert.equal(await signOut(server, access_token), 200)
      })

      it('refresh with the access token and nothing else', async () => {
        const signedIn = await signIn(server)
        const { status, body } = await run('refresh', signedIn.access_token)
        assert.equal(status, 200)
        const { access_token, refresh_token, expires_at, expires_at_unix, ...rest } = body
        assert.deepEqual(rest, { message: 'Token refreshed.', expires_in: 3600, token_type: 'bearer' })
        assert.equal(Date.parse(expires_at) / 1000, expires_at_unix)
        assert.notEqual(refresh_token, signedIn.refresh_token)
        const again = await run('refresh', access_token)
        assert.equal(again.status, 200)
        assert.notEqual(again.body.refresh_token, refresh_token)
      })

      it('sign out', async () => {
        const { access_token } = await signIn(server)
        const printed = await run('sign-out', access_token)
        assert.deepEqual(printed, { status: 200, body: { message: 'Sign-out successful.' } })
        assert.equal(await signOut(server, access_token), 401)
      })

      // The last one, as it leaves the owner with a password that the samples do not know.
      it('ask for a new password, which the mailed link sets', async () => {
        const mail = await mailCausedBy(server, { to: owner.email, subject: /new password/ }, async () => {
          const message = 'If an account exists for this email, a password reset link has been sent.'
          assert.deepEqual(await run('forgot-password'), { status: 200, body: { message } })
        })
        const [link = ''] = mail.links
        assert.ok(link.startsWith('https://platform.minbil.no/reset-password?token='), link)
        const json = { token: queryOf(link, 'token'), password: 'another-password' }
        const reset = await server.request('POST', '/api/co/auth/reset-password', { json })
        assert.deepEqual(reset.body, { message: 'Password has been reset.' })
        await signIn(server, json.password)
      })
    })
  }
})

async function signIn(server: TestServer, password = owner.password) {
  const json = { email: owner.email, password }
  const answer = await server.request('POST', '/api/co/auth/sign-in', { json })
  assert.equal(answer.status, 200)
  return answer.body
}

async function signOut(server: TestServer, bearer: string): Promise<number> {
  return (await server.request('POST', '/api/co/auth/sign-out', { bearer })).status
}

/** The document's samples of one kind, word for word, by the route that they call. */
function extractSamples({ code }: Kind): Record<Route, string> {
  const found = [...seed.matchAll(code)].map(([, text = '']) => {
    const [, route = ''] = /\/api\/co\/auth\/([a-z-]+)/.exec(text) ?? []
    return [route, text] as const
  })
  assert.deepEqual(found.map(([route]) => route).sort(), [...routes])
  return Object.fromEntries(found) as Record<Route, string>
}

type Place = Parameters<Kind['run']>[1]

let modules = 0

async function runModule(code: string, { folder, url, accessToken }: Place): Promise<Printed> {
  const file = join(folder, `sample-${++modules}.mjs`)
  await writeFile(file, code)
  const env = { MINBIL_API_BASE_URL: url, MINBIL_ACCESS_TOKEN: accessToken }
  const { stdout, stderr } = await execute(process.execPath, [file], { env })
  assert.equal(stderr, '')
  const [, status, body] = /^(\d{3}) (.+)\n$/s.exec(stdout) ?? []
  assert.ok(status && body, `the sample printed ${stdout}`)
  // What console.log prints of an object reads as one; through JSON it becomes one of this realm.
  return { status: Number(status), body: JSON.parse(JSON.stringify(runInNewContext(`(${body})`))) }
}

/** The document lost the blank before each line's closing backslash (contracts/minbil.md). */
async function runCurl(code: string, { folder, url, accessToken }: Place): Promise<Printed> {
  const command = code
    .replaceAll('\\\n', ' \\\n')
    .replace('https://api.minbil.no', url)
    .replace('<access-token>', accessToken)
  assert.ok(command.includes(url), 'the sample names the host of the document')
  await writeFile(join(folder, '.curlrc'), 'silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')
  const { stdout, stderr } = await runBash(command, { PATH: process.env.PATH, CURL_HOME: folder })
  assert.equal(stderr, '')
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) }
}

async function runBash(command: string, env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  await execute('curl', ['--version'], { env }).catch((cause) => {
    throw new Error('curl is missing or does not run: the cURL samples of the document need it', { cause })
  })
  return execute('bash', ['--norc', '-c', command], { env })
}

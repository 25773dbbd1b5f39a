import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { onEveryEngine, type RequestOptions, type TestServer, useServer } from '../../harness/harness.ts'
import { type PlainBrowser, signInAtAccount } from '../jar.ts'

const json = { 'content-type': 'application/json' }
const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' }

/** The paths of the forms of the account page, whatever is added to it. */
function formPaths(server: TestServer): string[] {
  const forms = server.routes.filter(
    ({ method, path }) => method === 'POST' && path.startsWith('/ui/account/'),
  )
  assert.ok(forms.length > 20)
  return forms.map(({ path }) => path)
}

/** Fills in the parameters of a path. */
function withIds(path: string, id: string): string {
  return path.replaceAll(/:\w+/g, () => id)
}

async function formKeyOf(browser: PlainBrowser): Promise<string> {
  const page = await browser.open('/ui/account')
  const [, key] = / name="form" value="([\w-]+)"/.exec(page.text) ?? []
  return key ?? assert.fail(page.text)
}

function cookieOf(browser: PlainBrowser): string {
  return [...browser.cookies].map((pair) => pair.join('=')).join('; ')
}

const ids = ['%00', 'a%00b', '%f0%9f%98%80', "'%20or%20''%3d'", '..%2f..', '%25', '-1', 'x'.repeat(3000)]
const names =
  'set secret seal codes code name firstName language timeZone email phone username password others next passkey typed'
const fields = names.split(' ')

/** What no form of ours sends, by what is strange of it. */
function strangeBodies(form: string): Record<string, RequestOptions> {
  const withAll = (value: unknown) => ({ form, ...Object.fromEntries(fields.map((name) => [name, value])) })
  const nested = `${'['.repeat(5000)}${']'.repeat(5000)}`
  const halves = JSON.stringify(withAll('half')).replaceAll('half', '\\ud83d')
  return {
    'no fields': { form: { form } },
    'zero characters': { json: withAll('\0') },
    'zero characters within': { json: withAll('a\0b@example.com') },
    'half characters': { raw: halves, headers: json },
    lists: { json: withAll(['a', 'b']) },
    objects: { json: withAll({ toString: 'a', length: 3 }) },
    numbers: { json: withAll(1e308) },
    nothing: { json: withAll(null) },
    'deep lists': { raw: `{"form":"${form}","name":${nested},"passkey":${nested}}`, headers: json },
    'long texts': { json: withAll('a'.repeat(20_000)) },
    'fields that come twice': {
      raw: `form=${form}&${fields.map((name) => `${name}=a&${name}=b`).join('&')}`,
      headers: urlencoded,
    },
    prototypes: {
      raw: `{"form":"${form}","__proto__":{"form":1},"constructor":{"name":1}}`,
      headers: json,
    },
  }
}

onEveryEngine('a form of the account page', (engine) => {
  const server = useServer(engine)

  it('is answered by no failure, whatever comes in it and in its path', async () => {
    const failures: string[] = []
    const person = await register(server)
    for (const path of formPaths(server)) {
      // One for each, as some of them end it.
      const browser = await signInAtAccount(server, person)
      const form = await formKeyOf(browser)
      const headers = { cookie: cookieOf(browser) }
      const send = async (what: string, id: string, options: RequestOptions) => {
        const all = { ...options, headers: { ...options.headers, ...headers } }
        const { status } = await server.request('POST', withIds(path, id), all)
        if (status >= 500) failures.push(`${path} with ${what}: ${status}`)
      }
      for (const [what, options] of Object.entries(strangeBodies(form))) await send(what, 'none', options)
      for (const id of path.includes(':') ? ids : []) await send(id, id, { form: { form } })
    }
    assert.deepEqual(failures, [])
  })

  it('is on a page that no query makes fail', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const headers = { cookie: cookieOf(browser) }
    const names = ['next', 'before', 'only', 'code', 'token', 'verificationCode', 'dialect', 'client', 'lang']
    const values = [
      '%00',
      '1.%00',
      '999999999999999.a',
      '-1.a',
      '%ed%a0%bd',
      '%ff',
      '[]',
      "'",
      '%f0%9f%98%80',
    ]
    const queries = values.map((value) => names.map((name) => `${name}=${value}`).join('&'))
    const twice = names.map((name) => `${name}=a&${name}=b&${name}[]=c`).join('&')
    const pages = server.routes.filter(({ method, path }) => method === 'GET' && path.startsWith('/ui/'))
    const failures: string[] = []
    for (const { path } of pages)
      for (const query of [...queries, twice, '__proto__=a&constructor=b&toString=c'])
        for (const id of path.includes(':') ? ['%00', 'none'] : ['']) {
          const { status } = await server.request('GET', `${withIds(path, id)}?${query}`, { headers })
          if (status >= 500) failures.push(`${path} with ${id} and ${query}: ${status}`)
        }
    assert.deepEqual(failures, [])
  })
})

describe('a form of the account page', () => {
  const server = useServer('sqlite')

  it('is taken with a key of its session alone, in a body that a form has', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const form = await formKeyOf(browser)
    const foreign = await formKeyOf(await signInAtAccount(server, person))
    const file = `--x\r\ncontent-disposition: form-data; name="form"\r\n\r\n${form}\r\n--x--`
    const bodies: Record<string, [status: number, RequestOptions]> = {
      'no body': [403, {}],
      'an empty key': [403, { form: { form: '' } }],
      'the key of another session of the same person': [403, { form: { form: foreign } }],
      'a key with more behind it': [403, { form: { form: `${form}A` } }],
      'two keys': [403, { raw: `form=${form}&form=${form}`, headers: urlencoded }],
      text: [415, { raw: `form=${form}`, headers: { 'content-type': 'text/plain' } }],
      files: [415, { raw: file, headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
    }
    const taken: string[] = []
    for (const path of formPaths(server)) {
      for (const [what, [expected, options]] of Object.entries(bodies)) {
        const headers = { ...options.headers, cookie: cookieOf(browser) }
        // The key is in the path as well, where nothing looks for it.
        const target = `${withIds(path, 'none')}?form=${form}`
        const { status } = await server.request('POST', target, { ...options, headers })
        if (status !== expected) taken.push(`${path} with ${what}: ${status}`)
      }
    }
    assert.deepEqual(taken, [])
    assert.equal((await browser.open('/ui/account')).status, 200)
  })

  it('leads whoever has signed out to the sign-in, with a key that was right', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const form = await formKeyOf(browser)
    const headers = { cookie: cookieOf(browser) }
    await browser.submit(await browser.open('/ui/account'), {}, '/ui/account/sign-out')
    for (const path of formPaths(server)) {
      const answer = await server.request('POST', withIds(path, 'none'), { form: { form }, headers })
      assert.match(
        answer.headers.get('location') ?? '',
        /^\/ui\/account\/sign-in\?next=%2Fui%2Faccount/,
        path,
      )
      assert.equal(answer.text, '')
    }
  })

  it('is sent by no other method, and no header makes one of another', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const form = await formKeyOf(browser)
    const headers = { cookie: cookieOf(browser), 'x-http-method-override': 'POST' }
    for (const path of ['/ui/account/sign-out', '/ui/account/data/keep', '/ui/account/devices/end-others'])
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
        const target = `${path}?form=${form}&_method=POST`
        const { status } = await server.request(method, target, { headers })
        assert.ok([404, 405].includes(status), `${method} ${path}: ${status}`)
      }
    assert.equal((await browser.open('/ui/account')).status, 200)
  })
})

describe('a cookie of the account page', () => {
  const server = useServer('sqlite')

  it('brings about no failure, whatever is in it and however often it comes', async () => {
    const own = cookieOf(await signInAtAccount(server, await register(server)))
    const values = ['', '"', '%00', 'a.b', 'x'.repeat(4000), '.'.repeat(1000), 'e30.e30', 'null']
    const cookies = 'session language notice trusted can-passkey passkey-offer change'.split(' ')
    const paths = ['', '/security', '/email/confirm', '/sign-in', '/signed-in?code=x', '/passkeys/offer']
    const failures: string[] = []
    for (const path of paths)
      for (const name of cookies)
        for (const value of values) {
          const planted = `__Host-manydoors-${name}=${value}`
          for (const cookie of [`${own}; ${planted}`, `${planted}; ${own}; ${planted}x`]) {
            const { status } = await server.request('GET', `/ui/account${path}`, { headers: { cookie } })
            if (status >= 500) failures.push(`${path} with ${planted.slice(0, 50)}: ${status}`)
          }
        }
    assert.deepEqual(failures, [])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { gotrue } from '../../../src/dialects/gotrue/index.ts'
import type { Settings } from '../../../src/dialects/gotrue/manifest.ts'
import { describeDoor } from '../../../src/http/openapi/describe-door.ts'
import type { DescribedOperation, OpenapiDocument } from '../../../src/http/openapi/document.ts'
import { type Answer, freshEmail, useServer } from '../../harness/harness.ts'
import { resolve } from '../../http/openapi/walk.ts'
import { asService, withServiceKeys } from './service-keys.ts'

const base = '/auth/v1'
const password = 'four words and blanks'

async function documentFor(settings: Settings = {}): Promise<OpenapiDocument> {
  const lengths = { minLength: 8, maxLength: 256 }
  const door = { dialect: gotrue, settings, lengths, url: 'http://localhost:5000', version: '1' }
  return JSON.parse(JSON.stringify(await describeDoor(door)))
}

function operationOf({ paths }: OpenapiDocument, method: string, path: string): DescribedOperation {
  return paths[`${base}${path}`]?.[method] ?? assert.fail(`${method} ${path}`)
}

function bodyOf(operation: DescribedOperation) {
  return operation.requestBody?.content['application/json']?.schema ?? assert.fail('no body')
}

/** Whether a body is one that an operation answers with that status. */
function judge(document: OpenapiDocument, method: string, path: string, status: number) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'door')
  const found = operationOf(document, method, path).responses[status]
  const place = `#/paths/${encodeURIComponent(`${base}${path}`.replaceAll('/', '~1'))}/${method}/responses/${status}`
  const pointer = found && '$ref' in found ? found.$ref : place
  const isRight = ajv.getSchema(`door${pointer}/content/application~1json/schema`)
  assert.ok(isRight, pointer)
  return (body: unknown) => isRight(body) === true
}

describe('the document of the door', () => {
  const server = useServer('sqlite', { yaml: withServiceKeys() })
  const post = (path: string, json: object): Promise<Answer> =>
    server.request('POST', `${base}${path}`, { json })

  it('has refusals in both forms, each with the codes of its route alone', async () => {
    const isRefusal = judge(await documentFor(), 'post', '/token', 400)
    const message = 'Invalid login credentials'
    assert.ok(isRefusal({ code: 400, error_code: 'invalid_credentials', msg: message }))
    assert.ok(isRefusal({ code: 'invalid_credentials', message }))
    for (const wrong of [
      { code: 400, error_code: 'email_exists', msg: message },
      { code: 'email_exists', message },
      { code: 'invalid_credentials', msg: message },
      { code: 400, message },
      { code: 'invalid_credentials', message, error_code: 'invalid_credentials' },
    ])
      assert.ok(!isRefusal(wrong), JSON.stringify(wrong))
  })

  it('names what must be sent, also where the route finds that out', async () => {
    const document = await documentFor()
    const complete: [path: string, body: Record<string, string>, needed: string[]][] = [
      ['/recover', { email: freshEmail() }, ['email']],
      ['/resend', { type: 'signup', email: freshEmail() }, ['type']],
      ['/invite', { email: freshEmail() }, ['email']],
      ['/admin/generate_link', { type: 'magiclink', email: freshEmail() }, ['type', 'email']],
    ]
    for (const [path, body, needed] of complete) {
      const { required, properties } = bodyOf(operationOf(document, 'post', path))
      assert.deepEqual(required, needed, path)
      assert.equal((await asService(server, 'POST', path, body)).status, 200, path)
      for (const field of needed) {
        const isRight = new Ajv2020({ strict: false, validateFormats: false }).compile(
          properties?.[field] ?? {},
        )
        for (const missing of [undefined, null, ''])
          assert.equal(
            (await asService(server, 'POST', path, { ...body, [field]: missing })).status,
            400,
            path,
          )
        assert.ok(!isRight(null), `${path} ${field}`)
      }
    }
    const { parameters = [] } = operationOf(document, 'get', '/verify')
    const needed = parameters.filter(({ required }) => required).map(({ name }) => name)
    assert.deepEqual(needed, ['token', 'type'])
  })

  it('asks no password of a link that takes none', async () => {
    const { minLength } =
      bodyOf(operationOf(await documentFor(), 'post', '/admin/generate_link')).properties?.password ?? {}
    assert.equal(minLength, undefined)
    const link = { type: 'magiclink', email: freshEmail(), password: 'short' }
    assert.equal((await asService(server, 'POST', '/admin/generate_link', link)).status, 200)
    assert.equal(
      (await asService(server, 'POST', '/admin/generate_link', { ...link, type: 'signup' })).status,
      422,
    )
  })

  it('has the forms of numbers and durations that are read', async () => {
    const document = await documentFor()
    const { parameters = [] } = operationOf(document, 'get', '/admin/users')
    const { ban_duration: duration = {} } =
      bodyOf(operationOf(document, 'post', '/admin/users')).properties ?? {}
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    const isPage = ajv.compile(parameters.find(({ name }) => name === 'page')?.schema ?? assert.fail())
    const isDuration = ajv.compile(duration)
    for (const page of ['1', '07', '999999999', 'x', '-1', '1.5', ' 1']) {
      const { status } = await asService(server, 'GET', `/admin/users?page=${encodeURIComponent(page)}`)
      assert.equal(isPage(page), status === 200, page)
    }
    for (const ban_duration of [
      '24h',
      '1h30m',
      '.5s',
      '1µs',
      '-1h',
      '0',
      'none',
      'never',
      '24',
      'h',
      '1 h',
    ]) {
      const { status } = await asService(server, 'POST', '/admin/users', {
        email: freshEmail(),
        ban_duration,
      })
      assert.equal(isDuration(ban_duration), status === 200, ban_duration)
    }
  })

  it('has a page or a redirect for the link of a mail', async () => {
    const { responses } = operationOf(await documentFor(), 'get', '/verify')
    assert.ok(responses[200] && 'content' in responses[200] && responses[200].content?.['text/html'])
    assert.ok(responses[303] && 'headers' in responses[303] && responses[303].headers?.Location)
  })

  it('says what is off, with every path below', async () => {
    const document = await documentFor()
    for (const [method, path, code] of [
      ['post', '/sso', 'saml_provider_disabled'],
      ['patch', '/passkeys/{rest}', 'passkey_disabled'],
      ['get', '/admin/users/{id}/passkeys', 'passkey_disabled'],
      ['delete', '/user/identities/{rest}', 'manual_linking_disabled'],
    ] as const) {
      const operation = operationOf(document, method, path)
      const { parameters = [], responses } = operation
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
      assert.deepEqual(
        inPath,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      )
      assert.ok(Object.keys(responses).every((status) => status >= '400'))
      assert.ok(judge(document, method, path, 404)({ code: 404, error_code: code, msg: 'It is off' }))
      const url = `${base}${path.replaceAll(/\{\w+\}/g, 'x/y')}`
      const answer = await server.request(
        method.toUpperCase(),
        path.includes('{id}') ? url.replace('x/y', 'x') : url,
      )
      assert.deepEqual([answer.status, answer.body.error_code], [404, code], url)
    }
  })

  it('is of the door as it is set', async () => {
    const signUp = (document: OpenapiDocument) => operationOf(document, 'post', '/signup').responses
    assert.equal(signUp(await documentFor({ registration: 'off' }))[200], undefined)
    const { body: user } = await post('/signup', { email: freshEmail(), password })
    const taken = { ...user, role: '', identities: [] }
    const judges = async (settings: Settings) => judge(await documentFor(settings), 'post', '/signup', 200)
    const [hidden, telling, confirmed] = [
      await judges({}),
      await judges({ enumeration: 'documented' }),
      await judges({ autoconfirm: true }),
    ]
    assert.deepEqual([hidden(user), telling(user), confirmed(user)], [true, true, false])
    assert.deepEqual([hidden(taken), telling(taken)], [false, true])
  })

  it('names how callers and back ends show who they are', async () => {
    const document = await documentFor()
    const waysOf = (method: string, path: string) =>
      operationOf(document, method, path).security?.flatMap((way) => Object.keys(way))
    assert.deepEqual(new Set(waysOf('get', '/user')), new Set(['bearer', 'apikey']))
    assert.deepEqual(new Set(waysOf('get', '/admin/users')), new Set(['serviceKey', 'apikey']))
    assert.deepEqual(document.security, [{ apikey: [] }, {}])
    const schemes = document.components.securitySchemes ?? {}
    assert.deepEqual(Object.keys(schemes), ['bearer', 'serviceKey', 'apikey'])
    assert.ok(resolve(document, '#/components/headers/RetryAfter'))
  })
})

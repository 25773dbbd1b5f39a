import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { operations } from '../../src/admin/operations/all.ts'
import { useServer } from '../harness/harness.ts'
import { isSchema, resolve, walk } from '../http/openapi/walk.ts'
import { operatorOf } from './operator.ts'
import { programOf } from './programs.ts'

describe('the document of the admin API', () => {
  const server = useServer('sqlite')

  it('describes every operation: its place, its scope, its fields and its answer', async () => {
    const { ask } = await programOf(server, ['health.read'])
    const { body: document } = await ask('GET', '/openapi.json')
    assert.match(document.openapi, /^3\.1\./)
    for (const { name, method, path, at, capability, summary } of operations) {
      const place = `${at === 'realm' ? '/realms/{realm}' : ''}${path.replaceAll(/:(\w+)/g, '{$1}')}`
      const described = document.paths[place]?.[method.toLowerCase()]
      assert.ok(described, `${method} ${place}`)
      assert.equal(described.operationId, name)
      assert.equal(described.summary, summary)
      assert.deepEqual(described.security, [{ token: [capability] }])
      const inPath = [...place.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const parameters: { name: string; in: string; required: boolean }[] = described.parameters ?? []
      assert.deepEqual(
        parameters
          .filter((parameter) => parameter.in === 'path')
          .map(({ name }) => name)
          .sort(),
        inPath.sort(),
        name,
      )
      const { content } = described.responses[200]
      assert.ok(content['application/json']?.schema ?? content['*/*'], name)
    }
    const described = Object.values<object>(document.paths).flatMap((path) => Object.values(path))
    assert.equal(described.length, operations.length, 'two operations have one place')
    assert.equal(new Set(operations.map(({ name }) => name)).size, operations.length)
  })

  it('is a document of OpenAPI 3.1 by its own schema', async () => {
    const { ask } = await programOf(server, ['health.read'])
    const { body: document } = await ask('GET', '/openapi.json')
    const { valid, errors } = await new Validator().validate(document)
    assert.ok(valid, JSON.stringify(errors))
  })

  it('has schemas of JSON Schema 2020-12, references that lead somewhere, and examples that are right', async () => {
    const { ask } = await programOf(server, ['health.read'])
    const { body: document } = await ask('GET', '/openapi.json')
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false })
    for (const [place, value] of walk(document)) {
      if (isSchema(place, value)) assert.doesNotThrow(() => ajv.compile(value as object), place)
      const { $ref } = value as { $ref?: string }
      if ($ref !== undefined) assert.ok(resolve(document, $ref), `${place} refers to ${$ref}`)
    }
    const isProblem = ajv.compile(document.components.schemas.Problem)
    const responses = Object.values<{
      content: Record<string, { examples: Record<string, { value: unknown }> }>
    }>(document.components.responses)
    for (const { content } of responses)
      for (const { value } of Object.values(content['application/problem+json']?.examples ?? {}))
        assert.ok(isProblem(value), JSON.stringify(isProblem.errors))
  })

  it('is what operators read, without a script, and get as a file', async () => {
    const { browser } = await operatorOf(server, 'auditor')
    const page = await browser.open('/admin/api')
    assert.equal(page.status, 200, page.text)
    for (const { name, summary } of operations) {
      assert.ok(page.text.includes(`id="${name}"`), name)
      assert.ok(page.text.includes(summary.split(/[&<>"']/, 1)[0] ?? ''), summary)
    }
    for (const code of ['not_allowed', 'token_invalid', 'idempotency_key_reused'])
      assert.ok(page.text.includes(`id="${code}"`), code)
    assert.doesNotMatch(page.text, /<script/)
    const file = await browser.open('/admin/api/openapi.json')
    const { ask } = await programOf(server, ['health.read'])
    assert.deepEqual(file.body, (await ask('GET', '/openapi.json')).body)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { dialects } from '../../../src/dialects/registry.ts'
import { describeDoor } from '../../../src/http/openapi/describe-door.ts'
import type { OpenapiDocument } from '../../../src/http/openapi/document.ts'
import { useServer } from '../../harness/harness.ts'
import { isSchema, resolve, walk } from './walk.ts'

const described = dialects.filter(({ describe }) => describe)

const door = {
  settings: {},
  lengths: { minLength: 8, maxLength: 256 },
  url: 'http://localhost:5000',
  version: '1',
}

for (const dialect of described) {
  const { dialect: name } = dialect.door

  describe(`the document of ${name}`, () => {
    const server = useServer('sqlite')

    it('describes every route that is served, and nothing else', async () => {
      const { paths } = await documentOf()
      const found = Object.entries(paths).flatMap(([path, operations]) =>
        Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
      )
      const served = server.routes
        .filter(({ method, dialect }) => dialect === name && method !== 'HEAD' && method !== 'OPTIONS')
        .map(({ method, path }) => `${method} ${withParameters(path.replace(/\*$/, ':rest'))}`)
      assert.deepEqual(found.sort(), served.sort())
    })

    it('says of every route what it does and what a success is, or that there is none, and of no other one', async () => {
      const { routes } = (await dialect.describe?.({})) ?? {}
      const named = Object.keys(routes ?? {}).map(withParameters)
      const isRefused = new Set(
        Object.entries(routes ?? {}).flatMap(([route, { answers, refusals }]) =>
          Object.keys(answers).length === 0 && refusals?.length === 1 ? [withParameters(route)] : [],
        ),
      )
      const { paths } = await documentOf()
      const unserved = new Set(named)
      for (const [path, operations] of Object.entries(paths))
        for (const [method, { summary, responses }] of Object.entries(operations)) {
          assert.ok(summary, `${method} ${path}`)
          assert.equal(
            Object.keys(responses).some((status) => status < '400'),
            !isRefused.has(`${method.toUpperCase()} ${path}`),
            `${method} ${path}`,
          )
          assert.ok(!('default' in responses), `${method} ${path}`)
          unserved.delete(`${method.toUpperCase()} ${path}`)
        }
      assert.deepEqual([...unserved], [])
    })

    it('is one of OpenAPI 3.1 by its own schema, with operations that have names of their own', async () => {
      const document = await documentOf()
      const { valid, errors } = await new Validator().validate({ ...document })
      assert.ok(valid, JSON.stringify(errors))
      const ids = Object.values(document.paths)
        .flatMap((operations) => Object.values(operations))
        .map(({ operationId }) => operationId)
      assert.equal(new Set(ids).size, ids.length)
    })

    it('has schemas of JSON Schema 2020-12, references that lead somewhere, and examples that are right', async () => {
      const document = await documentOf()
      const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false })
      const { schemas = {} } = document.components as { schemas?: Record<string, object> }
      for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name)
      for (const [place, value] of walk(document)) {
        const { $ref } = value as { $ref?: string }
        if ($ref !== undefined) assert.ok(resolve(document, $ref), `${place} refers to ${$ref}`)
        if (isSchema(place, value)) assert.doesNotThrow(() => ajv.compile(local(value)), place)
        for (const example of examplesIn(value)) {
          const isRight = ajv.compile(local((value as { schema: object }).schema))
          assert.ok(isRight(example), `${place} ${JSON.stringify(example)} ${JSON.stringify(isRight.errors)}`)
        }
      }
    })
  })

  /** As it goes over the wire. */
  async function documentOf(): Promise<OpenapiDocument> {
    return JSON.parse(JSON.stringify(await describeDoor({ ...door, dialect })))
  }
}

/** A route as OpenAPI writes its path. */
function withParameters(route: string): string {
  return route.replaceAll(/:(\w+)/g, '{$1}')
}

/** The examples beside a schema. */
function examplesIn(value: object): unknown[] {
  if (!('schema' in value)) return []
  const { example, examples = {} } = value as {
    example?: unknown
    examples?: Record<string, { value: unknown }>
  }
  return [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)]
}

/** A schema that refers to those of the document by their names alone. */
function local(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', '"'))
}

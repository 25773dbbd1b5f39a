import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dialects } from '../../src/dialects/registry.ts'
import { getAsHost } from '../harness/as-host.ts'
import { runCommand } from '../harness/command.ts'
import { useServer } from '../harness/harness.ts'

const names = dialects.map(({ door }) => door.dialect)

describe('the pages of what doors answer', () => {
  const server = useServer('sqlite')

  it('show every route, every field and every refusal of its own, without a script', async () => {
    for (const { door, describe } of dialects) {
      const { body: document } = await server.request('GET', `/openapi/${door.dialect}.json`)
      const { status, text } = await server.request('GET', `/openapi/${door.dialect}`)
      assert.equal(status, 200, text)
      assert.doesNotMatch(text, /<script/)
      const described = await describe?.({})
      for (const [path, operations] of Object.entries<object>(document.paths))
        for (const [method, { operationId, requestBody }] of Object.entries(operations)) {
          assert.ok(text.includes(`id="${operationId}"`), operationId)
          assert.ok(text.includes(`<code>${method.toUpperCase()} ${path}</code>`), path)
          const fields = requestBody?.content['application/json'].schema.properties ?? {}
          for (const field of Object.keys(fields)) assert.ok(text.includes(`<code>${field}</code>`), field)
        }
      if (described) assert.ok(text.includes(`<h1>${described.title}</h1>`))
    }
  })

  it('are what the command prints', async () => {
    for (const name of names) {
      const { body } = await server.request('GET', `/openapi/${name}.json`)
      const { stdout } = await runCommand(server, ['openapi', name])
      assert.deepEqual(body, JSON.parse(stdout))
    }
  })

  it('are where no door has a path, and lead nowhere for doors that there are not', async () => {
    for (const { prefixes } of dialects)
      for (const prefix of prefixes)
        assert.ok(!'/openapi/'.startsWith(`${prefix}/`) && !`${prefix}/`.startsWith('/openapi/'))
    assert.equal((await server.request('GET', '/openapi/nobody')).status, 404)
    assert.equal((await server.request('GET', '/openapi/nobody.json')).status, 404)
  })

  it('are for this machine alone', async () => {
    for (const path of ['/openapi/minbil', '/openapi/minbil.json'])
      assert.ok([400, 404].includes((await getAsHost(`${server.url}${path}`, 'evil.example')).status))
  })
})

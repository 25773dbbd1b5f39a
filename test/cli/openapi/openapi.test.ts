import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { dialects } from '../../../src/dialects/registry.ts'
import { useFolder } from '../../config/settings-file.ts'
import { runCommand } from '../../harness/command.ts'

describe('`openapi`', () => {
  const folder = useFolder()

  it('prints the document of each door, and makes no database', async () => {
    const MANYDOORS_DATA = join(folder.path, 'data')
    for (const { door } of dialects) {
      const { code, stdout, stderr } = await runCommand({ env: { MANYDOORS_DATA } }, [
        'openapi',
        door.dialect,
      ])
      assert.deepEqual([code, stderr], [0, ''])
      const document = JSON.parse(stdout)
      assert.equal(document.openapi, '3.1.1')
      assert.deepEqual(document.servers, [{ url: 'http://localhost:5000' }])
      assert.ok(Object.keys(document.paths).length > 3)
    }
    assert.equal(existsSync(MANYDOORS_DATA), false)
  })

  it('has what operators have set: passwords, lifetimes of the realm, and whether people may sign up', async () => {
    const file = await folder.write(`
realms:
  main: { dialects: { minbil: { password: { minLength: 12 } } } }
  shop: { hosts: [shop.localhost], dialects: { pm2: { registration: 'off' } } }
`)
    const print = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCommand({ env: {} }, ['openapi', ...args, '--config', file])
      assert.equal(code, 0, stderr)
      return JSON.parse(stdout)
    }
    const minbil = await print('minbil')
    const { schema } = minbil.paths['/api/co/auth/sign-up'].post.requestBody.content['application/json']
    assert.equal(schema.properties.password.minLength, 12)
    const pm2 = await print('pm2', '--realm', 'shop')
    assert.deepEqual(pm2.servers, [{ url: 'http://shop.localhost:5000' }])
    assert.equal(pm2.paths['/api/oauth/register'].post.responses[200], undefined)
  })

  it('tells of a door from outside what its routes and its errors say', async () => {
    const module = resolve('examples/acme/index.ts')
    const file = await folder.write(
      `dialects: { acme: { module: ${module} } }\nrealms: { main: { dialects: { acme: } } }`,
    )
    const { code, stdout } = await runCommand({ env: {} }, ['openapi', 'acme', '--config', file])
    assert.equal(code, 0)
    const { paths, components } = JSON.parse(stdout)
    const { responses, requestBody } = paths['/acme/users'].post
    assert.deepEqual(requestBody.content['application/json'].schema.required, ['email', 'password'])
    assert.ok(responses.default)
    const refused = components.responses[responses[422].$ref?.split('/').at(-1)] ?? responses[422]
    assert.deepEqual(refused.content['application/json'].examples.validation_failed.value, {
      error: { code: 'invalid_field', message: 'This is no e-mail address.', field: 'email' },
    })
  })

  it('refuses doors and realms that there are not', async () => {
    const nobody = await runCommand({ env: {} }, ['openapi', 'nobody'])
    assert.equal(nobody.code, 1)
    assert.match(nobody.stderr, /realm main has no door nobody: minbil, /)
    const nowhere = await runCommand({ env: {} }, ['openapi', 'minbil', '--realm', 'nowhere'])
    assert.equal(nowhere.code, 1)
    assert.match(nowhere.stderr, /there is no realm nowhere: main/)
  })
})

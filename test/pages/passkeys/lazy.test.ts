import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { useServer } from '../../harness/harness.ts'
import { plainBrowser } from '../jar.ts'
import { givePasskey, passkeyOn } from './software-key.ts'

const loaded: string[] = []
registerHooks({
  load(url, context, next) {
    if (url.includes('@simplewebauthn/server')) loaded.push(url)
    return next(url, context)
  },
})

describe('the library of passkeys', () => {
  const server = useServer('sqlite')

  it('is loaded by the first passkey, and neither by a start nor by a page', async () => {
    assert.ok(passkeyOn(await plainBrowser(server).open('/ui/account')))
    assert.deepEqual(loaded, [])
    await givePasskey(server, await register(server))
    assert.notDeepEqual(loaded, [])
  })
})

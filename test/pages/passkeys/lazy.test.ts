import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { passkeyOn } from './software-key.ts'

const program = join(import.meta.dirname, 'library-loads.ts')

describe('the library of passkeys', () => {
  it('is loaded by the first passkey, and neither by a start nor by a page', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program])
    const { page, withPage, withPasskey } = JSON.parse(stdout)
    assert.ok(passkeyOn({ text: page }))
    assert.equal(withPage, 0)
    assert.ok(withPasskey > 0)
  })
})

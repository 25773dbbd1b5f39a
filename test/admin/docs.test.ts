import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { useServer } from '../harness/harness.ts'
import { programOf } from './programs.ts'

describe('docs/admin-api.md', () => {
  const server = useServer('sqlite')
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-docs-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('has examples that work when they are pasted, and are answered as it says', async (test) => {
    if (spawnSync('curl', ['--version']).error) return test.skip('curl is not installed')
    const { token } = await programOf(server)
    await writeFile(join(folder, 'token'), token, { mode: 0o600 })
    const document = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'admin-api.md'), 'utf8')
    const blocks = [...document.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
    assert.ok(blocks.length >= 3)
    for (const block of blocks) {
      const script = block.replaceAll('http://localhost:5001', server.url)
      const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: folder })
      const [, said = ''] = /^# (.+)$/m.exec(block) ?? []
      for (const part of said.split(' ')) assert.ok(stdout.includes(part), `${part} in ${stdout}`)
      assert.ok(stdout.startsWith('{'), stdout)
    }
  })
})

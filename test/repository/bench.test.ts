import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { it } from 'node:test'

it('`npm run bench` lists its cases for an unknown one', () => {
  const program = join(import.meta.dirname, '..', '..', 'bench', 'run.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'refresh', 'nonsense'], {
    encoding: 'utf8',
  })
  assert.deepEqual({ status, stdout }, { status: 1, stdout: '' })
  assert.match(stderr, /^there are no cases nonsense: sign-in, refresh, .*\n$/)
})

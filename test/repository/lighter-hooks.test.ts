import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const project = join(import.meta.dirname, '..', '..')

/** How a run ends of a file with this test, as `npm test` runs it. */
function runTest(body: string): { status: number | null; stdout: string } {
  const folder = mkdtempSync(join(tmpdir(), 'manydoors-lighter-'))
  try {
    const file = join(folder, 'one.test.mjs')
    writeFileSync(file, `import { it } from 'node:test'\nit('one', async () => { ${body} })\n`)
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const options = ['--test', '--test-reporter=tap', '--import=./test/lighter-hooks.ts', file]
    return spawnSync(process.execPath, options, { cwd: project, env, encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('a run that does not follow promises', () => {
  it('fails when a rejection is handled by nobody', () => {
    const { status, stdout } = runTest(
      `Promise.reject(new Error('unheeded')); await new Promise(setImmediate)`,
    )
    assert.equal(status, 1)
    assert.match(stdout, /unheeded/)
  })

  it('fails when a callback throws', () => {
    const body = `await new Promise(() => setImmediate(() => { throw new Error('thrown') }))`
    const { status, stdout } = runTest(body)
    assert.equal(status, 1)
    assert.match(stdout, /thrown/)
  })

  it('passes when nothing fails', () => assert.equal(runTest('await null').status, 0))
})

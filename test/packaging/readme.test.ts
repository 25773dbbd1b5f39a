import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createData, type TestData } from '../harness/harness.ts'
import { type Program, startProgram } from '../harness/program.ts'

describe('the first ten minutes of README.md', () => {
  let data: TestData
  let program: Program
  before(async () => {
    data = await createData('sqlite')
    program = await startProgram(data.env)
  })
  after(async () => {
    await program?.stop()
    await data?.drop()
  })

  it('work when all of their blocks are pasted at once', { timeout: 60_000 }, async (test) => {
    if (spawnSync('curl', ['--version']).error) return test.skip('curl is not installed')
    const document = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
    const [, section = ''] = /^## The first ten minutes\n(.*?)^## /ms.exec(document) ?? []
    const blocks = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
    const script = blocks
      .join('\n')
      .replaceAll('http://localhost:5000', program.url)
      .replaceAll('/tmp/', `${data.env.MANYDOORS_DATA}/`)
    const path = `${dirname(process.execPath)}:${process.env.PATH}`
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { env: { PATH: path } })

    const said = [...script.matchAll(/^# \{"\w+":"([^"]+)"/gm)].map(([, text]) => text)
    assert.equal(said.length, 5)
    assert.deepEqual(
      [...stdout.matchAll(/\{"\w+":"([^"]+)"/g)].map(([, text]) => text),
      said,
    )
  })
})

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { checksumOf } from '../bench/imports/checksum.ts'
import { accountsOf, writeImportFiles } from '../bench/imports/files.ts'
import { runImport } from '../bench/imports/program.ts'
import { onEveryEngine, useServer } from '../test/harness/harness.ts'

const records = 20_000
const kills = 10

onEveryEngine('an import of many accounts', (engine) => {
  const [unbroken, broken] = [useServer(engine), useServer(engine)]
  let folder = ''

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-import-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('that is killed ten times makes the same accounts as one that is not', async () => {
    const args = [...(await writeImportFiles(folder, 'manydoors', records)), '--commit', '--batch', '100']
    const whole = await runImport(unbroken.env, args)
    assert.equal(whole.code, 0, whole.stderr)
    // Whatever has got nowhere begins anew.
    const goOn = async (killAfterMs?: number) => {
      const resumed = await runImport(broken.env, [...args, '--resume'], { killAfterMs })
      return resumed.stderr.startsWith('there is no run')
        ? runImport(broken.env, args, { killAfterMs })
        : resumed
    }
    let run = await goOn(1000)
    for (let killed = 1; killed < kills && run.code === null; killed++)
      run = await goOn(500 + Math.random() * whole.seconds * 200)
    if (run.code === null) run = await goOn()
    assert.equal(run.code, 0, run.stderr)
    assert.equal(JSON.parse(run.stdout).created, accountsOf(records))
    const expected = await checksumOf(unbroken.env.DATABASE_URL ?? '')
    assert.equal(await checksumOf(broken.env.DATABASE_URL ?? ''), expected)
  })
})

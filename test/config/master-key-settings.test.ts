import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ConfigError } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { newMasterKey } from '../harness/master-keys.ts'

describe('the master keys of the configuration', () => {
  const [primary, second, third] = [newMasterKey(), newMasterKey(), newMasterKey()]
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-keys-'))
  })
  after(() => rm(folder, { recursive: true }))

  const othersOf = (env: Record<string, string>) => {
    const { next, previous } = readConfig({ MANYDOORS_SECRET: primary, ...env }).otherMasterKeys
    const asText = (keys: Buffer[]) => keys.map((key) => key.toString('base64'))
    return { next: asText(next), previous: asText(previous) }
  }

  it('are one, unless more are given', () => {
    assert.deepEqual(othersOf({}), { next: [], previous: [] })
    assert.deepEqual(othersOf({ MANYDOORS_SECRET_NEXT: '', MANYDOORS_SECRET_PREVIOUS: '' }), {
      next: [],
      previous: [],
    })
  })

  it('may be listed, and come from files', async () => {
    const file = join(folder, 'previous')
    await writeFile(file, `${second}\n${third}\n`)
    assert.deepEqual(othersOf({ MANYDOORS_SECRET_PREVIOUS_FILE: file }), {
      next: [],
      previous: [second, third],
    })
    assert.deepEqual(othersOf({ MANYDOORS_SECRET_NEXT: `${second}, ${third}` }), {
      next: [second, third],
      previous: [],
    })
  })

  it('are refused by name when one is invalid', () => {
    for (const name of ['MANYDOORS_SECRET_NEXT', 'MANYDOORS_SECRET_PREVIOUS']) {
      assert.throws(
        () => othersOf({ [name]: `${second},too-short` }),
        (error) =>
          error instanceof ConfigError && error.problems.every((problem) => problem.startsWith(name)),
      )
    }
  })
})

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { findFormat, importFormats } from '../../src/imports/formats.ts'

const root = join(import.meta.dirname, '..', '..')

describe('the list of formats', () => {
  for (const listed of importFormats)
    it(`says of ${listed.name} what it says itself`, async () => {
      const format = await findFormat(listed.name)
      assert.ok(format)
      assert.deepEqual(listed, { name: format.name, description: format.description })
    })

  it('has every format that there is', async () => {
    const sources = readdirSync(join(root, 'src', 'imports', 'formats')).map((name) =>
      readFileSync(join(root, 'src', 'imports', 'formats', name), 'utf8'),
    )
    const found = sources.flatMap(
      (source) => /: ImportFormat = \{\s*name: '([\w-]+)'/.exec(source)?.[1] ?? [],
    )
    assert.deepEqual(found.toSorted(), importFormats.map(({ name }) => name).toSorted())
  })

  it('knows no format by the name of something else', async () => {
    for (const name of ['', 'constructor', '__proto__', 'CSV'])
      assert.equal(await findFormat(name), undefined)
  })

  it('has a section for each in docs/imports.md, and the document has no others', () => {
    const document = readFileSync(join(root, 'docs', 'imports.md'), 'utf8')
    const sections = [...document.matchAll(/^## ([a-z0-9-]+)$/gm)].map(([, name]) => name)
    assert.deepEqual(sections.toSorted(), importFormats.map(({ name }) => name).toSorted())
  })
})

import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { FormatOptions, ImportFormat } from '../../../src/imports/format.ts'
import { entriesOf, fileOf } from '../files.ts'

/** Whatever JSON stands in whichever of its fields, a row is an entry, and never more than that. */
export function takesAnyValue(
  format: ImportFormat,
  row: Record<string, unknown>,
  options: Partial<FormatOptions> = {},
): void {
  it(`makes an entry of a row with ${Object.keys(row)[0]}, whatever stands in any of its fields`, async () => {
    const name = fc.constantFrom(...Object.keys(row))
    const property = fc.asyncProperty(
      fc.dictionary(name, fc.jsonValue(), { minKeys: 1 }),
      async (changes) => {
        const file = fileOf('x.json', JSON.stringify([{ ...row, ...changes }]))
        assert.equal((await entriesOf(format, [file], options)).length, 1)
      },
    )
    await fc.assert(property, { numRuns: 100 })
  })
}

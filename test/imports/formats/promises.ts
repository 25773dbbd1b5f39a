import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type FormatOptions, type ImportFormat, UnreadableImport } from '../../../src/imports/format.ts'
import { anyCharacter } from '../../harness/any-character.ts'
import { cutAt, entriesOf, fileOf, sampleFile } from '../files.ts'

/** What every format promises, tried with files that it reads: their names among the samples. */
export function keepsPromisesOfFormats(
  format: ImportFormat,
  samples: string[],
  options: Partial<FormatOptions> = {},
): void {
  it('finds the same however the bytes are cut', async () => {
    const whole = await entriesOf(
      format,
      samples.map((name) => sampleFile(name)),
      options,
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(10_000), { maxLength: 20 }), async (places) => {
        const cut = samples.map((name) => sampleFile(name, cutAt(places)))
        assert.deepEqual(await entriesOf(format, cut, options), whole)
      }),
      { numRuns: 20 },
    )
  })

  it('throws nothing but UnreadableImport, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: anyCharacter, maxLength: 200 }),
        fc.nat(2000),
        async (text, place) => {
          const damaged = sampleFile(samples[0] ?? '', (bytes) => [
            bytes.subarray(0, place % bytes.length),
            Buffer.from(text),
            bytes.subarray(place % bytes.length),
          ])
          await readOrRefuse(format, [damaged], options)
          await readOrRefuse(format, [fileOf('x', text)], options)
        },
      ),
      { numRuns: 30 },
    )
  })
}

async function readOrRefuse(...given: Parameters<typeof entriesOf>): Promise<void> {
  try {
    await entriesOf(...given)
  } catch (error) {
    assert.ok(error instanceof UnreadableImport, String(error))
  }
}

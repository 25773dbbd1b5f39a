import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type ImportFile, UnreadableImport } from '../../../src/imports/format.ts'
import { readCopyBlocks } from '../../../src/imports/read/copy-blocks.ts'
import { readCsv, readCsvFields } from '../../../src/imports/read/csv.ts'
import { fileKindOf } from '../../../src/imports/read/file-kind.ts'
import { readJsonItems } from '../../../src/imports/read/json-items.ts'
import { readJsonLines } from '../../../src/imports/read/json-lines.ts'
import { allOf, cutAt, fileOf, samplesFolder } from '../files.ts'

const readers: Record<string, (file: ImportFile) => AsyncIterable<object>> = {
  readCopyBlocks,
  readCsv,
  readCsvFields,
  readJsonItems,
  readJsonLines,
}

const samples = readdirSync(samplesFolder).map((name) => readFileSync(join(samplesFolder, name)))

/** What a reader finds, or the words in which it refuses the file. Any other error fails the test. */
async function outcomeOf(read: (file: ImportFile) => AsyncIterable<object>, file: ImportFile) {
  try {
    return await allOf(read(file))
  } catch (error) {
    assert.ok(error instanceof UnreadableImport, String(error))
    return error.message
  }
}

const places = fc.array(fc.nat(10_000), { maxLength: 20 })
const sample = fc.constantFrom(...samples)

/** A sample in which some bytes are others. */
const damaged = fc
  .tuple(sample, fc.array(fc.tuple(fc.nat(10_000), fc.nat(255)), { minLength: 1, maxLength: 10 }))
  .map(([bytes, changes]) => {
    const changed = Buffer.from(bytes)
    for (const [place, byte] of changes) changed[place % changed.length] = byte
    return changed
  })

describe('the readers of imported files', () => {
  for (const [name, read] of Object.entries(readers)) {
    it(`find the same however the bytes are cut: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(sample, places, async (bytes, places) => {
          const whole = await outcomeOf(read, fileOf('x', bytes))
          assert.deepEqual(await outcomeOf(read, fileOf('x', bytes, cutAt(places))), whole)
        }),
        { numRuns: 60 },
      )
    })

    it(`throw nothing but UnreadableImport, whatever the bytes are: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
          await outcomeOf(read, fileOf('x', bytes))
        }),
        { numRuns: 150 },
      )
    })
  }

  const kinds = {
    'supabase-dump.sql': 'sql',
    'supabase-users.csv': 'csv',
    'supabase-users.json': 'json',
    'firebase-users.json': 'json',
    'firebase-users.csv': 'csv',
    'keycloak-realm.json': 'json',
    'auth0-users.ndjson': 'json lines',
  }
  for (const [name, kind] of Object.entries(kinds)) {
    it(`know by its start that ${name} is ${kind}`, async () => {
      const bytes = readFileSync(join(samplesFolder, name))
      assert.equal(await fileKindOf(fileOf('x', bytes)), kind)
      assert.equal(await fileKindOf(fileOf('x', bytes, cutAt([1, 2, 3, 10, 100]))), kind)
    })
  }
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import type { ImportEntry } from '../../../src/core/imports/neutral.ts'
import type { ImportFormat } from '../../../src/imports/format.ts'
import { entriesOf, fileOf, sampleFile, samplesFolder } from '../files.ts'
import { keepsPromisesOfFormats } from './promises.ts'

/** Where a value stands in JSON. */
type Path = (string | number)[]

/** What every format owes, tried with these of the samples. */
export function behavesLikeEveryFormat(format: ImportFormat, samples: string[]): void {
  keepsPromisesOfFormats(format, samples)

  it('reads a file twice as it does once', async () => {
    const files = filesOf(samples)
    assert.deepEqual(await entriesOf(format, files), await entriesOf(format, files))
  })

  it('counts nothing as verified where that is not to be kept', async () => {
    const entries = await entriesOf(format, filesOf(samples), { verified: 'none' })
    assert.ok(recordsOf(entries).length > 0)
    for (const record of recordsOf(entries)) {
      assert.notEqual(record.emailVerified, true)
      assert.notEqual(record.phoneVerified, true)
    }
  })

  it('is called what it is asked to be called', async () => {
    const entries = await entriesOf(format, filesOf(samples), { source: 'old-one' })
    assert.deepEqual([...new Set(recordsOf(entries).map(({ source }) => source))], ['old-one'])
  })

  for (const sample of samples) anyValueIsRead(format, sample, samples)
}

/** Whatever stands in a field of a sample, an entry comes of it, and no reason quotes it. */
function anyValueIsRead(format: ImportFormat, sample: string, samples: string[]): void {
  const text = readFileSync(join(samplesFolder, sample), 'utf8')
  const read = async (changed: string) => {
    const others = samples.filter((name) => name !== sample).map((name) => sampleFile(name))
    return entriesOf(format, [fileOf(sample, changed), ...others])
  }
  const changes = changesOf(sample, text)

  it(`reads ${sample} with anything in place of any field`, async () => {
    const { length } = await read(text)
    const property = fc.asyncProperty(changes(strange), async (changed) => {
      const entries = await read(changed)
      // What was joined to an account may stand alone now.
      assert.ok(entries.length >= length)
      for (const { record } of entries.map((entry) => ({ record: undefined, ...entry })))
        JSON.stringify(record)
    })
    await fc.assert(property, { numRuns: 60 })
  })

  it(`quotes nothing of ${sample} in its reasons`, async () => {
    const property = fc.asyncProperty(changes(fc.constant(marker)), async (changed) => {
      assert.doesNotMatch(reasonsOf(await read(changed)).join('\n'), /somebody/)
    })
    await fc.assert(property, { numRuns: 30 })
  })
}

const marker = 'somebody@example.com $2b$10$somebody'

const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<fc.JsonValue>(
    '',
    'null',
    '\0',
    '\ud800',
    '{',
    '[]',
    '{"value":[],"__proto__":{}}',
    '__proto__',
    -1,
    1e308,
    [[[]]],
    { $oid: {} },
    { $date: { $numberLong: 'x' } },
  ),
)

/** The text of a sample with one of its values changed, in JSON, JSON lines or CSV. */
function changesOf(sample: string, text: string) {
  if (sample.endsWith('.csv')) return (values: fc.Arbitrary<fc.JsonValue>) => csvChanges(text, values)
  const isLines = sample.endsWith('.ndjson')
  const value: unknown = isLines
    ? text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : JSON.parse(text)
  // Above the fields of an account nothing is changed: that would be another file.
  const paths = pathsIn(value).filter((path) => path.length > (Array.isArray(value) ? 1 : 2))
  const written = (value: unknown) =>
    isLines
      ? (value as unknown[]).map((line) => JSON.stringify(line)).join('\n')
      : JSON.stringify(value, null, 1)
  return (values: fc.Arbitrary<fc.JsonValue>) =>
    fc.tuple(fc.constantFrom(...paths), values).map(([path, other]) => written(withValue(value, path, other)))
}

/** No field of the samples that are CSV has a line break. */
function csvChanges(text: string, values: fc.Arbitrary<fc.JsonValue>): fc.Arbitrary<string> {
  const [header = '', ...rows] = text.trimEnd().split('\n')
  const columns = header.split(',').length
  const quoted = (value: fc.JsonValue) =>
    `"${(typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed().replaceAll('"', '""')}"`
  return fc.tuple(fc.nat(rows.length - 1), fc.nat(columns - 1), values).map(([row, column, value]) => {
    const fields = (rows[row] ?? '').match(/(?<=^|,)("(?:[^"]|"")*"|[^,]*)/g) ?? []
    const changed = fields.map((field, at) => (at === column ? quoted(value) : field)).join(',')
    return [header, ...rows.map((other, at) => (at === row ? changed : other))].join('\n')
  })
}

function pathsIn(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return []
  const isArray = Array.isArray(value)
  return Object.entries(value).flatMap(([name, item]) => {
    const key = isArray ? Number(name) : name
    return [[key], ...pathsIn(item).map((path) => [key, ...path])]
  })
}

function withValue(value: unknown, [key, ...rest]: Path, other: fc.JsonValue): unknown {
  if (key === undefined) return other
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? (Object.assign([], value) as never)
    : { ...(value as object) }
  copy[key] = withValue(copy[key], rest, other)
  return copy
}

function filesOf(samples: string[]) {
  return samples.map((name) => sampleFile(name))
}

function recordsOf(entries: ImportEntry[]) {
  return entries.flatMap((entry) => ('record' in entry ? [entry.record] : []))
}

function reasonsOf(entries: ImportEntry[]): string[] {
  return entries.flatMap((entry) => {
    if ('record' in entry) return entry.dropped ?? []
    return 'refused' in entry ? [entry.refused] : [entry.skipped]
  })
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImportEntry } from '../../src/core/imports/neutral.ts'
import type { FormatOptions, ImportFile, ImportFormat } from '../../src/imports/format.ts'

export const samplesFolder = join(import.meta.dirname, 'samples')

/** A file with this text, or these bytes, that is read in one piece or in those that `cut` makes of it. */
export function fileOf(
  name: string,
  content: string | Uint8Array,
  cut = (bytes: Buffer): Uint8Array[] => [bytes],
): ImportFile {
  const bytes = Buffer.from(content)
  return {
    name,
    async *open() {
      yield* cut(bytes)
    },
  }
}

/** One of the samples, as it is read from disk. */
export function sampleFile(name: string, cut?: (bytes: Buffer) => Uint8Array[]): ImportFile {
  return fileOf(name, readFileSync(join(samplesFolder, name)), cut)
}

/** Pieces of bytes, cut before these places; a place beyond the end counts from the start again. */
export function cutAt(places: number[]): (bytes: Buffer) => Uint8Array[] {
  return (bytes) => {
    const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)]
    return sorted.map((from, at) => bytes.subarray(from, sorted[at + 1] ?? bytes.length))
  }
}

/** The time that imports of tests are made at. */
export const importTime = Date.parse('2026-01-01T00:00:00Z')

/** All that a format makes of files. */
export async function entriesOf(
  format: ImportFormat,
  files: ImportFile[],
  options: Partial<FormatOptions> = {},
): Promise<ImportEntry[]> {
  return allOf(format.read(files, { verified: 'keep', secrets: {}, now: importTime, ...options }))
}

/** Everything that is read, in its order. */
export async function allOf<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}

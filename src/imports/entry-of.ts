import type { EntryPlace, ImportEntry, ImportRecord } from '../core/imports/neutral.ts'
import type { FormatOptions } from './format.ts'

/** What a format makes of one account, wherever it stands. */
export type Reading =
  | {
      record: Omit<ImportRecord, 'source' | 'sourceId'> & { sourceId: string | undefined }
      dropped?: string[]
    }
  | { refused: string }
  | { skipped: string }

/**
 * The entry that a reading is. Fields with nothing in them are left out of its record, and nothing in it is verified where
 * that is not to be kept; a record without id is refused.
 */
export function entryOf(
  { file, line }: EntryPlace,
  reading: Reading,
  { source, verified }: { source: string; verified: FormatOptions['verified'] },
): ImportEntry {
  if (!('record' in reading)) return { file, line, ...reading }
  const { sourceId, ...fields } = reading.record
  if (sourceId === undefined) return { file, line, refused: 'no id' }
  const { emailVerified, phoneVerified, ...others } = fields
  const kept = verified === 'keep' ? { ...others, emailVerified, phoneVerified } : others
  const record = {
    source,
    sourceId,
    ...filled({ ...kept, profile: filled(fields.profile), attributes: filled(fields.attributes) }),
  }
  const dropped = [...new Set(reading.dropped)]
  return dropped.length > 0 ? { file, line, record, dropped } : { file, line, record }
}

/** Without what is not there, or has nothing in it. */
function filled<Fields extends object>(fields: Fields | undefined): Partial<Fields> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter(([, value]) => !isEmpty(value)),
  ) as Partial<Fields>
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

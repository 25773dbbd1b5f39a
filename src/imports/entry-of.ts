import type { EntryPlace, ImportEntry } from '../core/imports/neutral.ts'
import type { FormatOptions } from './format.ts'
import { type Draft, finishDraft } from './tables/draft.ts'

/** What a format makes of one account, wherever it stands. */
export type Reading = { record: Draft; dropped?: string[] } | { refused: string } | { skipped: string }

/** The entry that a reading is, each reason of what was dropped once; a record without id is refused. */
export function entryOf(
  { file, line }: EntryPlace,
  reading: Reading,
  { source, verified }: { source: string; verified: FormatOptions['verified'] },
): ImportEntry {
  if ('refused' in reading) return { file, line, refused: reading.refused }
  if ('skipped' in reading) return { file, line, skipped: reading.skipped }
  const { sourceId, ...fields } = finishDraft(reading.record, verified)
  if (sourceId === undefined) return { file, line, refused: 'no id' }
  const record = { ...fields, source, sourceId }
  const dropped = [...new Set(reading.dropped)]
  return dropped.length > 0 ? { file, line, record, dropped } : { file, line, record }
}

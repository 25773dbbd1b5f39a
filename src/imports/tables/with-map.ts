import { readFurtherColumns } from './column-map.ts'
import { type Draft, withoutGaps } from './draft.ts'
import { mapColumns } from './map-columns.ts'
import type { TableFormat } from './table-format.ts'

/** The format with columns of one's own, which go before what it reads by itself. Throws `UnreadableImport`. */
export function withMap(format: TableFormat, map: Record<string, unknown> | undefined): TableFormat {
  if (!map) return format
  const further = readFurtherColumns(map)
  return {
    ...format,
    recordOf: async (row, options) => {
      const outcome = await format.recordOf(row, options)
      if (!('record' in outcome)) return outcome
      const mapped = mapColumns(row, further, options.secrets)
      return 'record' in mapped ? { record: merged(outcome.record, mapped.record) } : mapped
    },
  }
}

function merged(read: Draft, mapped: Draft): Draft {
  return {
    ...read,
    ...withoutGaps(mapped),
    // Whoever is disabled by either stays out.
    disabled: read.disabled || mapped.disabled,
    profile: { ...read.profile, ...withoutGaps(mapped.profile ?? {}) },
    attributes: { ...read.attributes, ...withoutGaps(mapped.attributes ?? {}) },
    identities: joined(read.identities, mapped.identities),
  }
}

function joined<Item>(some: Item[] | undefined, others: Item[] | undefined): Item[] | undefined {
  return some || others ? [...(some ?? []), ...(others ?? [])] : undefined
}

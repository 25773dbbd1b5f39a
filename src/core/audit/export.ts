import type { AuditRow } from '../../store/schema.ts'
import { presentEvent } from '../accounts/present.ts'
import type { AnyContext } from '../context.ts'
import { recordEvent } from './audit.ts'
import { listAudit, type TrailSearch } from './list.ts'

export type TrailFormat = 'csv' | 'jsonl'

/** Rows that are read at once. */
const pageSize = 500

/**
 * The rows that meet every condition, newest first, as text in parts that are read as they are asked for. That they were
 * exported is noted in the trail, where it is behind them.
 */
export async function exportAudit(
  ctx: AnyContext,
  { filter, format }: { filter: TrailSearch; format: TrailFormat },
): Promise<AsyncGenerator<string>> {
  // What is written meanwhile, this row too, is not of it.
  const until = Math.min(filter.until ?? Number.MAX_SAFE_INTEGER, ctx.now())
  await recordEvent(ctx, 'audit.exported', { detail: format })
  return textOf(ctx, { filter: { ...filter, until }, format })
}

async function* textOf(
  ctx: AnyContext,
  { filter, format }: { filter: TrailSearch; format: TrailFormat },
): AsyncGenerator<string> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`
  let after: string | undefined
  do {
    const page = await listAudit(ctx, { filter, after, most: pageSize })
    if (page.items.length > 0) yield page.items.map(format === 'csv' ? csvLine : jsonLine).join('')
    after = page.after
  } while (after !== undefined)
}

const columns = [
  'id',
  'at',
  'event',
  'outcome',
  'actor',
  'accountId',
  'sessionId',
  'dialect',
  'clientId',
  'ip',
  'detail',
  'note',
] as const

/** With the reason that an operator has given. */
function present(row: AuditRow): Record<string, unknown> {
  return { ...presentEvent(row), note: row.note ?? undefined }
}

function jsonLine(row: AuditRow): string {
  return `${JSON.stringify(present(row))}\n`
}

/** RFC 4180. */
function csvLine(row: AuditRow): string {
  const event = present(row)
  return `${columns.map((column) => csvField(String(event[column] ?? ''))).join(',')}\r\n`
}

/** A spreadsheet would run what begins like a formula. */
function csvField(value: string): string {
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

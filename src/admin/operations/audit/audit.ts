import { z } from 'zod'
import { AmbiguousAccount } from '../../../core/accounts/admin.ts'
import { exportAudit } from '../../../core/audit/export.ts'
import { listAudit, type TrailSearch } from '../../../core/audit/list.ts'
import { filterFor } from '../../../core/audit/trail.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { optional } from '../../../http/fields.ts'
import type { Desk } from '../../desk.ts'
import { optionalText, optionalTime, pageOf, placeFields, placeOf, presentPage } from '../list-fields.ts'
import { defineOperation } from '../operation.ts'
import { textFile } from '../text-file.ts'
import { EventView, presentEventView } from './views.ts'

export const outcomes = ['success', 'refused'] as const

const filterFields = {
  event: optionalText(100),
  outcome: optional(z.enum(outcomes)),
  account: optionalText().describe(
    'By its id, e-mail address, phone number or user name; a deleted one by its pseudonym',
  ),
  ip: optionalText(45),
  client: optionalText(255),
  door: optionalText(100),
  actor: optionalText(100).describe('Such as cli, operator:ID or token:ID'),
  since: optionalTime,
  until: optionalTime,
}

/** The conditions that a request names. */
export const trailFields = z.object(filterFields)

type Given = z.output<typeof trailFields>

/** The conditions as the core takes them; `undefined` where no account has that name. Throws `refused`. */
export async function trailSearch(
  { ctx }: Desk,
  { account, client: clientId, door: dialect, ...given }: Given,
): Promise<TrailSearch | undefined> {
  const filter = { ...given, clientId, dialect }
  if (account === undefined) return filter
  try {
    const found = await filterFor(ctx, { account })
    return found?.of && { ...filter, of: found.of }
  } catch (error) {
    if (error instanceof AmbiguousAccount)
      throw new OperatorError('refused', 'account_ambiguous', { name: error.account })
    throw error
  }
}

export const list = defineOperation({
  name: 'audit.list',
  summary: 'List what has happened, newest first',
  capability: 'audit.read',
  at: 'realm',
  method: 'GET',
  path: '/audit',
  input: z.object({ ...filterFields, ...placeFields }),
  output: pageOf(EventView),
  run: async (desk, { after, before, most, ...given }) => {
    const filter = await trailSearch(desk, given)
    if (!filter) return { items: [], next: null, previous: null }
    return presentPage(
      await listAudit(desk.ctx, { filter, ...placeOf({ after, before, most }) }),
      presentEventView,
    )
  },
})

export const formats = ['csv', 'jsonl'] as const

const types = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8' }

export const exportTrail = defineOperation({
  name: 'audit.export',
  summary: 'Hand out what has happened, newest first, as a file of CSV or of one JSON object a line',
  capability: 'audit.export',
  at: 'realm',
  method: 'POST',
  path: '/audit/export',
  input: z.object({ ...filterFields, format: z.enum(formats) }),
  output: textFile,
  run: async (desk, { format, ...given }) => {
    const filter = await trailSearch(desk, given)
    if (!filter) throw new OperatorError('not_found')
    const day = new Date(desk.ctx.now()).toISOString().slice(0, 10)
    return {
      type: types[format],
      name: `audit-${desk.ctx.realm.name}-${day}.${format}`,
      parts: await exportAudit(desk.ctx, { filter, format }),
    }
  },
})

/** What can be seen of the audit trail. */
export const auditOperations = [list, exportTrail]

import type { AuditRow } from '../../store/schema.ts'
import type { AuditFilter, Person } from '../../store/tables/audit.ts'
import { accountNamed } from '../accounts/admin.ts'
import type { RealmContext } from '../context.ts'
import { subjectsOf } from './audit.ts'

const pageSize = 500

/** How late a row may become visible, behind rows that were written after it. */
const maxLatenessMs = 60_000

/** Which rows are asked for, with the account as an operator names it; a deleted one by its id or pseudonym. */
export type TrailQuery = Omit<AuditFilter, 'of'> & { account?: string }

/** The rows that meet every condition, oldest first, read in pages as they are asked for. */
export async function* readAudit(ctx: RealmContext, filter: AuditFilter): AsyncGenerator<AuditRow> {
  let after = ''
  while (true) {
    const page = await ctx.store.audit.listAfter(after, filter, pageSize)
    yield* page
    const last = page.at(-1)
    if (!last || page.length < pageSize) return
    after = last.id
  }
}

/** All rows about a person, oldest first, read in pages as they are asked for. */
export async function* readAuditOf(ctx: RealmContext, of: Person): AsyncGenerator<AuditRow> {
  let last: AuditRow | undefined
  while (true) {
    const page = await ctx.store.audit.listOfPerson(of, last, pageSize)
    yield* page
    last = page.at(-1)
    if (!last || page.length < pageSize) return
  }
}

/** The newest `max` rows that meet every condition, oldest first. */
export async function newestAudit(ctx: RealmContext, filter: AuditFilter, max: number): Promise<AuditRow[]> {
  const rows: AuditRow[] = []
  while (rows.length < max) {
    const wanted = Math.min(pageSize, max - rows.length)
    const page = await ctx.store.audit.listBefore(rows.at(-1)?.id, filter, wanted)
    rows.push(...page)
    if (page.length < wanted) break
  }
  return rows.reverse()
}

/**
 * Rows after those in `seen`, as they come; polls until `pause` resolves to `false`. Rows of slow transactions, or of
 * nodes whose clocks are behind, are not missed for a minute.
 */
export async function* followAudit(
  ctx: RealmContext,
  filter: AuditFilter,
  { seen, pause }: { seen: AuditRow[]; pause: () => Promise<boolean> },
): AsyncGenerator<AuditRow> {
  const first = seen[0]?.id ?? ''
  let known = new Set(seen.map(({ id }) => id))
  let newest = seen.at(-1)?.at ?? ctx.now()
  const readRecent = () =>
    readAudit(ctx, { ...filter, since: Math.max(filter.since ?? 0, newest - maxLatenessMs) })
  // Older ones, which were left out before those in `seen`, are no news.
  for await (const { id } of readRecent()) {
    if (id >= first) break
    known.add(id)
  }
  while (await pause()) {
    const recent: string[] = []
    for await (const row of readRecent()) {
      recent.push(row.id)
      if (!known.has(row.id)) yield row
      newest = Math.max(newest, row.at)
    }
    known = new Set(recent)
  }
}

/** The conditions as the store takes them. `undefined` when no account has that name, and it is not an id either. */
export async function filterFor(ctx: RealmContext, query: TrailQuery): Promise<AuditFilter | undefined> {
  const { account: name, ...filter } = query
  if (name === undefined) return filter
  const account = await accountNamed(ctx, name)
  if (account) return { ...filter, of: { accountId: account.id, subjects: subjectsOf(ctx, account) } }
  const accountId = idOfDeleted(name)
  return accountId === undefined ? undefined : { ...filter, of: { accountId, subjects: [] } }
}

/** Of a deleted account: its pseudonym, its id in our form, or any other behind `id:`. */
function idOfDeleted(name: string): string | undefined {
  const [, id] = /^id:(.+)$/s.exec(name) ?? []
  return id ?? /^(deleted-\w+|[\da-f]{8}-[\da-f-]{27})$/.exec(name)?.[0]
}

import type { AuditRow } from '../../store/schema.ts'
import type { Person } from '../../store/tables/audit.ts'
import type { TrailFilter } from '../../store/tables/lists/audit.ts'
import type { RealmContext } from '../context.ts'
import { type Page, type Place, readPage } from '../lists/pages.ts'

/** Which rows of the trail operators ask for. */
export interface TrailSearch extends TrailFilter {
  /** A person, whose rows need not name the account. */
  of?: Person
}

/**
 * A page of the trail, newest first. Where next to nothing meets the conditions, a page may have few rows or none and
 * still say where the trail goes on: of what no index knows a few thousand rows are looked at. Throws `validation_failed`.
 */
export function listAudit(
  ctx: RealmContext,
  { filter: { of, ...filter }, ...place }: Place & { filter: TrailSearch },
): Promise<Page<AuditRow>> {
  return of ? listOfPerson(ctx, { of, filter, ...place }) : listOfAll(ctx, { filter, ...place })
}

function listOfAll(
  ctx: RealmContext,
  { filter, ...place }: Place & { filter: TrailFilter },
): Promise<Page<AuditRow>> {
  return readPage<[string], AuditRow>(place, {
    shape: [''],
    partsOf: ({ id }) => [id],
    read: async ({ from, isUp, max }) => {
      const { rows, stoppedAt } = await ctx.store.lists.audit({ filter, from: from?.[0], isUp, max })
      return { items: rows, stoppedAt: stoppedAt === undefined ? undefined : [stoppedAt] }
    },
  })
}

/** In the order of time. */
function listOfPerson(
  ctx: RealmContext,
  { of, filter, ...place }: Place & { of: Person; filter: TrailFilter },
): Promise<Page<AuditRow>> {
  return readPage<[number, string], AuditRow>(place, {
    shape: [0, ''],
    partsOf: ({ at, id }) => [at, id],
    read: async ({ from, isUp, max }) => {
      const position = from && { at: from[0], id: from[1] }
      return { items: await ctx.store.lists.auditOfPerson({ of, filter, from: position, isUp, max }) }
    },
  })
}

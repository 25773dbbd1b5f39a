import type { AuditRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'

/** By how much a row may become visible later than it was written, or the clock of its node be behind. */
const latenessMs = 15_000
/** Rows of one look. */
const maxRows = 2_000

/**
 * A function that returns what has been written to a realm's trail since it was last asked, oldest first; nothing the first
 * time. Each asking is one query.
 */
export function newAudit(ctx: RealmContext): () => Promise<AuditRow[]> {
  let known: Set<string> | undefined
  let asked = ctx.now()

  return async () => {
    const now = ctx.now()
    const rows = await ctx.store.lists.freshAudit({ since: asked - latenessMs, max: maxRows })
    const fresh = known ? rows.filter(({ id }) => !known?.has(id)) : []
    known = new Set(rows.map(({ id }) => id))
    asked = now
    return fresh.reverse()
  }
}

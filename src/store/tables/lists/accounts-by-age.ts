import { setImmediate as others } from 'node:timers/promises'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { engineOf } from '../../engine-of.ts'
import { literal } from '../../literal.ts'
import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { byBytes } from './by-bytes.ts'
import { inRealm } from './in-realm.ts'

interface Numbered {
  realm: string
  /** How many accounts come before the page. */
  skip: number
  max: number
  /** Which are counted and listed; all, where it is not given. */
  isWanted?: (account: SearchedAccount) => boolean
}

/** What accounts are picked by. */
type SearchedAccount = Pick<AccountRow, 'email' | 'profile'>

/** A place in the order of the list. */
type Position = Pick<AccountRow, 'id' | 'created_at'>

/** Rows that are gone through in one go: a few milliseconds, in which nobody else is served on SQLite. */
const batch = 20_000
/** Likewise, where each row is read and looked at. */
const batchRead = 2_000

/**
 * A page of one realm's accounts, the newest first, and how many there are in all. All of them are gone through, and others
 * are let in between.
 */
export function accountsByAge(
  db: Database,
  { realm, skip, max, isWanted }: Numbered,
): Promise<{ rows: AccountRow[]; total: number }> {
  const list = listOf(db, realm)
  return isWanted ? searchedPage(list, { skip, max, isWanted }) : plainPage(list, { skip, max })
}

type List = ReturnType<typeof listOf>

function listOf(db: Database, realm: string) {
  const id = byBytes(db, 'id')
  const along = engineOf(db) === 'sqlite' ? sql`indexed by accounts_by_age` : sql``
  /** What stands behind a place, as `columns`. */
  const behind = (columns: RawBuilder<unknown>, from: Position | undefined, rest: RawBuilder<unknown>) => {
    const further = from ? sql<SqlBool>`and (created_at, ${id}) < (${from.created_at}, ${from.id})` : sql``
    return sql`select ${columns} from accounts ${along} where ${inRealm(realm)} ${further}
      order by created_at desc, ${id} desc ${rest}`
  }
  const rowsOf = async <Row>(query: RawBuilder<unknown>): Promise<Row[]> =>
    (await (query as RawBuilder<Row>).execute(db)).rows

  return {
    /** The last one of as many as a batch has; `undefined` where there are fewer. */
    lastOfBatch: async (from: Position | undefined): Promise<Position | undefined> => {
      const rest = sql`limit 1 offset ${literal(batch - 1)}`
      return (await rowsOf<Position>(behind(sql`created_at, id`, from, rest)))[0]
    },
    /** How many there are, up to a batch. */
    countBatch: async (from: Position | undefined): Promise<number> => {
      const next = behind(sql`id`, from, sql`limit ${literal(batch)}`)
      const counted = sql`select count(*) as count from (${next}) as next`
      return Number((await rowsOf<{ count: number }>(counted))[0]?.count ?? 0)
    },
    read: (from: Position | undefined, { offset, max }: { offset: number; max: number }) =>
      rowsOf<AccountRow>(behind(sql`*`, from, sql`limit ${literal(max)} offset ${literal(offset)}`)),
    readSearched: (from: Position | undefined) =>
      rowsOf<Position & SearchedAccount>(
        behind(sql`created_at, id, email, profile`, from, sql`limit ${literal(batchRead)}`),
      ),
    byIds: (ids: string[]) => db.selectFrom('accounts').selectAll().where('id', 'in', ids).execute(),
  }
}

async function plainPage(list: List, { skip, max }: { skip: number; max: number }) {
  let from: Position | undefined
  let counted = 0
  let start: { from: Position | undefined; offset: number } = { from, offset: skip }
  for (;;) {
    const last = await list.lastOfBatch(from)
    if (!last) break
    counted += batch
    from = last
    if (counted <= skip) start = { from, offset: skip - counted }
    await others()
  }
  const total = counted + (await list.countBatch(from))
  const rows = skip < total ? await list.read(start.from, { offset: start.offset, max }) : []
  return { rows, total }
}

async function searchedPage(
  list: List,
  { skip, max, isWanted }: { skip: number; max: number; isWanted(account: SearchedAccount): boolean },
) {
  const ids: string[] = []
  let total = 0
  for (let from: Position | undefined; ; await others()) {
    const next = await list.readSearched(from)
    for (const row of next) {
      if (!isWanted(row)) continue
      if (total >= skip && ids.length < max) ids.push(row.id)
      total++
    }
    from = next.at(-1)
    if (next.length < batchRead) break
  }
  const found = new Map(ids.length === 0 ? [] : (await list.byIds(ids)).map((row) => [row.id, row]))
  return { rows: ids.flatMap((id) => found.get(id) ?? []), total }
}

import { foldUsername } from '../../lib/fold-username.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { AccountState, NameColumn } from '../../store/tables/lists/accounts.ts'
import type { RealmContext } from '../context.ts'
import { type Page, type Place, readPage } from '../lists/pages.ts'
import { accountWithId } from './admin.ts'
import { foldEmail } from './emails.ts'
import { readPhone } from './phones.ts'

type Stored = Pick<RealmContext, 'store'>

/** Which accounts are looked for. */
export interface AccountSearch extends Place {
  /** The beginning of an e-mail address, a user name or a phone number, or a whole id. */
  text?: string
  state?: AccountState
}

/** An account as a list shows it. */
export interface ListedAccount {
  account: AccountRow
  hasAuthenticator: boolean
  hasPasskey: boolean
}

/**
 * A page of accounts: those of which a name begins with what was typed, in the order of these names, each once; the
 * newest first where nothing was typed. However many accounts there are, few of them are read: where a state leaves
 * next to none of them, a page may have few items or none and still say where the list goes on. Throws `validation_failed`.
 */
export async function searchAccounts(ctx: Stored, search: AccountSearch): Promise<Page<ListedAccount>> {
  const text = search.text?.trim() ?? ''
  const page = text === '' ? await newest(ctx, search) : await named(ctx, text, search)
  const factors = await ctx.store.lists.factorsAmong(page.items.map(({ id }) => id))
  const items = page.items.map((account) => ({
    account,
    hasAuthenticator: factors.totp.has(account.id),
    hasPasskey: factors.passkeys.has(account.id),
  }))
  return { ...page, items }
}

function newest(ctx: Stored, { state, ...place }: AccountSearch): Promise<Page<AccountRow>> {
  return readPage<[string], AccountRow>(place, {
    shape: [''],
    partsOf: ({ id }) => [id],
    read: async ({ from, isUp, max }) => {
      const { rows, stoppedAt } = await ctx.store.lists.accounts({ state, from: from?.[0], isUp, max })
      return { items: rows, stoppedAt: stoppedAt === undefined ? undefined : [stoppedAt] }
    },
  })
}

/** An account by one of its names. */
interface Entry {
  key: string
  account: AccountRow
}

/** Where one of the lists of names was given up. */
interface Stop {
  key: string
  account?: undefined
}

interface Prefix {
  column: NameColumn
  prefix: string
}

interface Walk {
  from?: [key: string, id: string]
  isUp: boolean
  state?: AccountState
}

async function named(
  ctx: Stored,
  text: string,
  { state, ...place }: AccountSearch,
): Promise<Page<AccountRow>> {
  const prefixes = prefixesOf(text)
  const page = await readPage<[string, string], Entry>(place, {
    shape: ['', ''],
    partsOf: ({ key, account }) => [key, account.id],
    read: ({ from, isUp, max }) => merge(ctx, prefixes, { from, isUp, state, max }),
  })
  const items = page.items.map(({ account }) => account)
  const isFirst = page.before === undefined
  const withId = isFirst ? await accountWithId(ctx, text) : undefined
  if (!withId || items.some(({ id }) => id === withId.id) || !isInState(withId, state))
    return { ...page, items }
  return { ...page, items: [withId, ...items] }
}

function isInState(account: AccountRow, state: AccountState | undefined): boolean {
  const { disabled_at, deletion_due_at, email_verified_at, phone_verified_at } = account
  if (state === 'open') return disabled_at === null
  if (state === 'disabled') return disabled_at !== null
  if (state === 'leaving') return deletion_due_at !== null
  return state === undefined || (email_verified_at === null && phone_verified_at === null)
}

/** What the text is the beginning of, each as such names are compared. */
function prefixesOf(text: string): Prefix[] {
  const phone = phonePrefix(text)
  const prefixes: Prefix[] = [
    { column: 'email', prefix: foldEmail(text) },
    { column: 'username_key', prefix: foldUsername(text) },
    ...(phone === undefined ? [] : [{ column: 'phone' as const, prefix: phone }]),
  ]
  // A database refuses to look for some texts, and nobody is called so.
  return prefixes.filter(({ prefix }) => prefix !== '' && prefix.isWellFormed() && !prefix.includes('\0'))
}

/** The beginning of a number in E.164, however its digits are grouped. */
function phonePrefix(text: string): string | undefined {
  const whole = readPhone(text)
  if (whole !== undefined) return whole
  const plain = text.replaceAll(/[\s().-]/g, '').replace(/^00/, '+')
  return /^\+\d{0,15}$/.test(plain) ? plain : undefined
}

/** Rows of one list that are read at once. */
const chunk = 60

/**
 * Merges the lists of names, each of which is read in its own order, into one in the order of (name, id). An account is
 * in it once, by the first of its names that is looked for.
 */
async function merge(
  ctx: Stored,
  prefixes: Prefix[],
  { max, ...walk }: Walk & { max: number },
): Promise<{ items: Entry[]; stoppedAt?: [string, string] }> {
  const lists = await Promise.all(
    prefixes.map(async (prefix) => {
      const entries = entriesOf(ctx, prefix, walk)
      return { entries, next: (await entries.next()).value }
    }),
  )
  const items: Entry[] = []
  while (items.length < max) {
    const first = lists
      .filter(({ next }) => next)
      .sort((one, other) => compare(one.next, other.next, walk))[0]
    if (!first?.next) break
    const { key, account } = first.next
    // What is behind it in the other lists would be missing here.
    if (!account) return { items, stoppedAt: [key, walk.isUp ? '' : last] }
    if (firstKey(account, prefixes) === key) items.push({ key, account })
    first.next = (await first.entries.next()).value
  }
  return { items }
}

/** Behind the ids of all accounts of that name. */
const last = '\u{10ffff}'

/** The accounts of one list of names behind a place, a few at a time. */
async function* entriesOf(
  ctx: Stored,
  { column, prefix }: Prefix,
  { from, isUp, state }: Walk,
): AsyncGenerator<Entry | Stop, undefined> {
  let at = from?.[0]
  let isIncluded = true
  for (;;) {
    const query = { column, prefix, state, from: at, isIncluded, isUp, max: chunk }
    const { rows, stoppedAt } = await ctx.store.lists.accountsNamed(query)
    for (const account of rows) {
      const entry = { key: account[column] ?? '', account }
      // Of an equal name, that another kind may have too, only what is behind the id.
      if (!from || compare(entry, { key: from[0], account: { id: from[1] } }, { isUp }) > 0) yield entry
    }
    if (stoppedAt !== undefined) yield { key: stoppedAt }
    if (rows.length < chunk) return undefined
    at = rows.at(-1)?.[column] ?? undefined
    isIncluded = false
  }
}

/** The first of an account's names, in the order of bytes, that the search finds it by. */
function firstKey(account: AccountRow, prefixes: Prefix[]): string | undefined {
  const keys = prefixes.flatMap(({ column, prefix }) => {
    const key = account[column]
    return key?.startsWith(prefix) ? [key] : []
  })
  return keys.sort(compareBytes)[0]
}

type Compared = { key: string; account?: Pick<AccountRow, 'id'> } | undefined

/** In the order of a walk; where a list stops comes behind what has its name. */
function compare(one: Compared, other: Compared, { isUp }: Pick<Walk, 'isUp'>): number {
  const sign = isUp ? -1 : 1
  const byKey = compareBytes(one?.key ?? '', other?.key ?? '')
  if (byKey !== 0) return sign * byKey
  if (!one?.account || !other?.account) return Number(!one?.account) - Number(!other?.account)
  return sign * compareBytes(one.account.id, other.account.id)
}

/** As both databases compare texts by bytes; JavaScript's own order is another one beyond 16 bits. */
function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

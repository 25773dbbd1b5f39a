import { type CursorParts, readCursor, writeCursor } from './cursors.ts'

/** Which page of a list is wanted: what is behind `after`, or what is before `before`; else its beginning. */
export interface Place {
  after?: string
  before?: string
  /** Items of a page at most. */
  most: number
}

/** A part of a list. There is neither a total nor a number of pages: to know them all of it would be read. */
export interface Page<Item> {
  items: Item[]
  /** The place that the page before ends at, to be given as `before`. */
  before?: string
  /** Where the list goes on, to be given as `after`; none at its end. There may be more where a page has few items. */
  after?: string
}

interface Read<Parts, Item> {
  items: Item[]
  /** Where reading was given up before there were enough. */
  stoppedAt?: Parts
}

interface List<Parts extends CursorParts, Item> {
  /** A value of the kind of each part of a cursor. */
  shape: Parts
  partsOf(item: Item): Parts
  /** Up to `max` items behind a place, in the order of the list or, with `isUp`, against it. */
  read(reading: { from?: Parts; isUp: boolean; max: number }): Promise<Read<Parts, Item>>
}

/** Reads one page of a list. Throws `validation_failed`. */
export async function readPage<Parts extends CursorParts, Item>(
  { after, before, most }: Place,
  list: List<Parts, Item>,
): Promise<Page<Item>> {
  if (before !== undefined) {
    const from = readCursor(before, list.shape)
    const { items, further } = await readPart(list, { from, isUp: true, most })
    // There is nothing before it any more: its beginning is.
    if (items.length === 0 && !further) return readPage({ most }, list)
    items.reverse()
    const last = items.at(-1)
    return {
      items,
      before: further && writeCursor(further),
      after: last === undefined ? before : writeCursor(list.partsOf(last)),
    }
  }
  const from = after === undefined ? undefined : readCursor(after, list.shape)
  const { items, further } = await readPart(list, { from, isUp: false, most })
  const [first] = items
  const back = first === undefined ? after : writeCursor(list.partsOf(first))
  return { items, before: from && back, after: further && writeCursor(further) }
}

async function readPart<Parts extends CursorParts, Item>(
  list: List<Parts, Item>,
  { from, isUp, most }: { from?: Parts; isUp: boolean; most: number },
): Promise<{ items: Item[]; further?: Parts }> {
  const { items: read, stoppedAt } = await list.read({ from, isUp, max: most + 1 })
  const items = read.slice(0, most)
  const last = items.at(-1)
  return { items, further: read.length > most && last !== undefined ? list.partsOf(last) : stoppedAt }
}

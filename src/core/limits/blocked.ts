import { rangeList } from '../../lib/range-list.ts'

/** A range that is blocked, in the form that `canonicalRange` gives, and until when in epoch milliseconds. */
interface BlockedRange {
  range: string
  endsAt: number
}

/** The blocks of a realm as this process has read them last. */
export interface Blocks {
  /** The block that holds for an IP address. */
  of(address: string, now: () => number): BlockedRange | undefined
  replace(blocks: BlockedRange[]): void
}

/** The blocks of a process, none to begin with. Without any, a look costs nothing. */
export function createBlocks(): Blocks {
  let blocks: BlockedRange[] = []
  let list = rangeList([])
  return {
    of: (address, now) => {
      if (blocks.length === 0 || !list.has(address)) return undefined
      const time = now()
      return blocks.find(({ range, endsAt }) => endsAt > time && rangeList([range]).has(address))
    },
    replace: (next) => {
      blocks = next
      list = rangeList(next.map(({ range }) => range))
    },
  }
}

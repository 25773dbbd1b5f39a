import { addressBlock, customerBlock } from '../../lib/ip.ts'
import type { Asker } from '../context.ts'
import { AuthError } from '../errors.ts'

/** How long a caller is asked to stay away when too many wait, where nothing else is given. */
const defaultRetryAfterSeconds = 2

/** What part of the places one household may hold: others get in, however many of its requests come. */
const householdShare = 1 / 4

/** What part one customer of an IPv6 network may hold, who may have 65,536 households' worth of IPs. */
const customerShare = 1 / 2

/** Work that is done a few at a time, and waited for by whoever asks for it. */
export interface FairQueue {
  /** Does the work when its turn has come. Throws `overloaded`. */
  run<T>(asker: Asker, work: () => Promise<T>): Promise<T>
  /** How much is being done, and how much waits. */
  state(): { running: number; waiting: number }
}

interface Waiting {
  start(): void
  refuse(): void
}

/** What waits for the households of one customer. */
interface Customer {
  /** By household, oldest first. The one whose turn is next comes first. */
  lines: Map<string, Waiting[]>
  waiting: number
}

/**
 * Does `concurrency` pieces of work at a time and lets `places` more wait; beyond that it refuses at once, as a queue
 * without bounds makes everybody late. Customers (the /48 of an IPv6 address) hold at most half of the places, and
 * households (`addressBlock`) a quarter; when none is free the largest holder makes room. Both are served in turn.
 */
export function createFairQueue({
  concurrency,
  places,
  retryAfterSeconds = defaultRetryAfterSeconds,
}: {
  concurrency: number
  /** May change from time to time. */
  places(): number
  /** How long a caller is asked to stay away when too many wait. */
  retryAfterSeconds?: number
}): FairQueue {
  const lines = createLines(places)
  let running = 0

  const getTurn = async (place: Place) => {
    if (running < concurrency) {
      running++
      return
    }
    await new Promise<void>((start, fail) => {
      const refuse = () => fail(new AuthError('overloaded', { retryAfter: retryAfterSeconds }))
      if (!lines.add(place, { start, refuse })) refuse()
    })
  }

  /** The place is handed on, so that nobody who comes now gets in between. */
  const endTurn = () => {
    const next = lines.takeNext()
    if (next) next.start()
    else running--
  }

  return {
    run: async (asker, work) => {
      await getTurn(placeOf(asker))
      try {
        return await work()
      } finally {
        endTurn()
      }
    },
    state: () => ({ running, waiting: lines.waiting() }),
  }
}

/** All that wait, by customer and household; `places` at most. */
function createLines(places: () => number) {
  const maxOf = (share: number) => Math.max(1, Math.floor(places() * share))
  let waiting = 0
  /** The one whose turn is next comes first. */
  const customers = new Map<string, Customer>()

  const dropNewest = (customer: Customer) => {
    const [household, line] = longestLineOf(customer)
    line.pop()?.refuse()
    // An empty line would have a turn.
    if (line.length === 0) customer.lines.delete(household)
    customer.waiting--
    waiting--
  }

  /** Whether a line may grow; where no place is free, the longest line of the largest customer shrinks for it. */
  const makeRoom = (customer: Customer, line: Waiting[]): boolean => {
    const maxOfCustomer = maxOf(customerShare)
    if (line.length >= maxOf(householdShare)) return false
    if (customer.waiting < maxOfCustomer && waiting < places()) return true
    const biggest = [...customers.values()].reduce((big, other) =>
      other.waiting > big.waiting ? other : big,
    )
    // Of two that would hold the same, the one that has waited stays.
    if (customer.waiting < maxOfCustomer && biggest.waiting > customer.waiting + 1) dropNewest(biggest)
    else if (longestLineOf(customer)[1].length > line.length + 1) dropNewest(customer)
    else return false
    return true
  }

  return {
    waiting: () => waiting,
    /** Returns `false` where there is no place. */
    add: ({ household, customer: name }: Place, one: Waiting): boolean => {
      const customer = customers.get(name) ?? { lines: new Map(), waiting: 0 }
      const line = customer.lines.get(household) ?? []
      if (!makeRoom(customer, line)) return false
      customers.set(name, customer)
      customer.lines.set(household, line)
      line.push(one)
      customer.waiting++
      waiting++
      return true
    },
    /** Whose turn is next; `undefined` when nobody waits. */
    takeNext: (): Waiting | undefined => {
      const [next] = customers
      if (!next) return undefined
      const [name, customer] = next
      const first = takeFirst(customer)
      waiting--
      customers.delete(name)
      // Behind all the others.
      if (customer.waiting > 0) customers.set(name, customer)
      return first
    },
  }
}

interface Place {
  household: string
  customer: string
}

function placeOf(asker: Asker): Place {
  const household = asker ? addressBlock(asker.ip) : ''
  return { household, customer: (asker && customerBlock(asker.ip)) ?? household }
}

function longestLineOf({ lines }: Customer): [household: string, line: Waiting[]] {
  return [...lines].reduce((long, other) => (other[1].length > long[1].length ? other : long), ['', []])
}

/** The oldest of the household whose turn it is, which then comes behind the others. */
function takeFirst(customer: Customer): Waiting | undefined {
  const [next] = customer.lines
  if (!next) return undefined
  const [household, line] = next
  const first = line.shift()
  customer.waiting--
  customer.lines.delete(household)
  if (line.length > 0) customer.lines.set(household, line)
  return first
}

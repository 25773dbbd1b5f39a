import { addressBlock, customerBlock } from '../../lib/ip.ts'
import type { Origin } from '../context.ts'
import { AuthError } from '../errors.ts'

/** How long a caller is asked to stay away when too many wait. */
const retryAfterSeconds = 2

/** What part of the places one household may hold: others get in, however many of its requests come. */
const shareOfPlaces = 1 / 4

/** What part one customer of an IPv6 network may hold, who may have 65,536 households' worth of addresses. */
const shareOfCustomer = 1 / 2

/** Work that is done a few at a time, and waited for by whoever asks for it. */
export interface FairQueue {
  /** Does the work when its turn has come; `origin` is who asks, a command when it is nobody. Throws `overloaded`. */
  run<T>(origin: Pick<Origin, 'ip'> | undefined, work: () => Promise<T>): Promise<T>
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
 * Does `concurrency` pieces of work at a time and lets `places` more wait. Beyond that it refuses at once: a queue that
 * cannot be worked off makes everybody late. The places are shared out by customer (the /48 of an IPv6 address) and by
 * household (`addressBlock`): none holds more than a half or a quarter of them, whoever holds the most makes room when
 * there is none, and customers, and the households of each, are served in turn.
 */
export function createFairQueue({ concurrency, places }: { concurrency: number; places: number }): FairQueue {
  const lines = createLines(places)
  let running = 0

  const getTurn = async (place: Place) => {
    if (running < concurrency) {
      running++
      return
    }
    await new Promise<void>((start, fail) => {
      const refuse = () => fail(overloaded())
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
    run: async (origin, work) => {
      await getTurn(placeOf(origin))
      try {
        return await work()
      } finally {
        endTurn()
      }
    },
    state: () => ({ running, waiting: lines.waiting() }),
  }
}

/** All that wait, by customer and household; at most `places`. */
function createLines(places: number) {
  const [share, shareOfAll] = [shareOfPlaces, shareOfCustomer].map((part) =>
    Math.max(1, Math.floor(places * part)),
  ) as [number, number]
  let waiting = 0
  /** The one whose turn is next comes first. */
  const customers = new Map<string, Customer>()

  const dropNewest = (customer: Customer) => {
    const [household, line] = longestOf(customer)
    line.pop()?.refuse()
    // An empty line would have a turn.
    if (line.length === 0) customer.lines.delete(household)
    customer.waiting--
    waiting--
  }

  /** Whether a line may get longer; where no place is free, at the cost of the longest of who holds the most. */
  const makeRoom = (customer: Customer, line: Waiting[]): boolean => {
    if (line.length >= share) return false
    if (customer.waiting < shareOfAll && waiting < places) return true
    const biggest = [...customers.values()].reduce((big, other) =>
      other.waiting > big.waiting ? other : big,
    )
    // Of two that would hold the same, the one that has waited stays.
    if (customer.waiting < shareOfAll && biggest.waiting > customer.waiting + 1) dropNewest(biggest)
    else if (longestOf(customer)[1].length > line.length + 1) dropNewest(customer)
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

function placeOf(origin: Pick<Origin, 'ip'> | undefined): Place {
  const household = origin ? addressBlock(origin.ip) : ''
  return { household, customer: (origin && customerBlock(origin.ip)) ?? household }
}

function longestOf({ lines }: Customer): [household: string, line: Waiting[]] {
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

function overloaded(): AuthError {
  return new AuthError('overloaded', { retryAfter: retryAfterSeconds })
}

import { canonicalRange } from '../../lib/ip.ts'
import { rangeList } from '../../lib/range-list.ts'
import type { BlockRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { OperatorError } from '../operators/operator-error.ts'

/** An address, or a range of them, that a realm answers nobody at. */
export interface Block {
  /** In the form that `canonicalRange` gives. */
  range: string
  reason: string
  /** `cli`, `operator:ID` or `token:ID`. */
  actor: string
  /** Epoch milliseconds. */
  createdAt: number
  endsAt: number
}

/** Why an address is not blocked. */
export type BlockProblem =
  | 'not_a_range'
  | 'too_wide'
  | 'not_yours'
  | 'own_address'
  | 'too_short'
  | 'too_long'
  | 'too_many'

/** A block that is refused. */
export class BlockRefused extends OperatorError {
  readonly problem: BlockProblem

  constructor(problem: BlockProblem) {
    super('refused', `block_${problem}`)
    this.name = 'BlockRefused'
    this.problem = problem
  }
}

/** A block holds no longer than this. */
const maxBlockMs = 30 * 24 * 60 * 60_000
/** Each request of a blocked realm is compared with all of them. */
const maxBlocks = 1000
/** Bits without which a range is refused. */
const minLength = { ipv4: 8, ipv6: 16 }
/** Bits with which a range hits no more than one network of a customer. */
const customerLength = { ipv4: 24, ipv6: 48 }

/** Whether a range is wider than a /24 of IPv4 or a /48 of IPv6, so that it may hit many who have nothing to do with it. */
export function isWideRange(entry: string): boolean {
  const range = canonicalRange(entry)
  return range !== undefined && range.length < customerLength[range.kind]
}

/**
 * Closes the realm to an IP address or CIDR range until that time, in epoch milliseconds; this node knows it at once, all
 * others within seconds. A block of the same range is replaced. Returns it as it is kept. Throws `BlockRefused`.
 */
export async function addBlock(
  ctx: AnyContext,
  { range: entry, reason, endsAt }: Pick<Block, 'range' | 'reason' | 'endsAt'>,
): Promise<Block> {
  const added = await transaction(stopClock(ctx), async (ctx) => {
    const now = ctx.now()
    const range = checkRange(ctx, entry)
    if (endsAt <= now) throw new BlockRefused('too_short')
    if (endsAt > now + maxBlockMs) throw new BlockRefused('too_long')
    if ((await ctx.store.blocks.count(now)) >= maxBlocks) throw new BlockRefused('too_many')
    const row = { range, reason, actor: ctx.actor ?? '', created_at: now, ends_at: endsAt }
    await ctx.store.blocks.put(row)
    await recordEvent(ctx, 'block.added', { detail: range })
    return presentBlock(row)
  })
  await reloadBlocks(ctx)
  return added
}

function checkRange({ origin }: AnyContext, entry: string): string {
  const range = canonicalRange(entry)
  if (!range) throw new BlockRefused('not_a_range')
  if (range.length < minLength[range.kind]) throw new BlockRefused('too_wide')
  if (origin && rangeList([range.text]).has(origin.ip)) throw new BlockRefused('own_address')
  return range.text
}

/** Opens the realm to a range again; all nodes know it within seconds. Returns `false` when it was not blocked. */
export async function removeBlock(ctx: AnyContext, entry: string): Promise<boolean> {
  const wasBlocked = await transaction(ctx, async (ctx) => {
    const range = canonicalRange(entry)
    const row = range && (await ctx.store.blocks.remove(range.text))
    if (!row) return false
    await recordEvent(ctx, 'block.removed', { detail: row.range })
    return true
  })
  await reloadBlocks(ctx)
  return wasBlocked
}

/** The blocks in force, the newest first. */
export async function listBlocks({ store, now }: RealmContext): Promise<Block[]> {
  return (await store.blocks.list(now(), maxBlocks)).map(presentBlock)
}

/** Takes over what was blocked or unblocked since, in place: every context of the realm holds the list. */
async function reloadBlocks(ctx: RealmContext): Promise<void> {
  ctx.blocks.replace(await listBlocks(ctx))
}

function presentBlock({
  range,
  reason,
  actor,
  created_at: createdAt,
  ends_at: endsAt,
}: Omit<BlockRow, 'realm'>): Block {
  return { range, reason, actor, createdAt, endsAt }
}

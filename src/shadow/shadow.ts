import { createHash } from 'node:crypto'
import type { WireFields } from '../http/wire-fields.ts'
import { createServerAsker } from './ask-server.ts'
import { createCopier } from './copier.ts'
import { createProxy, type ShadowProxy } from './proxy.ts'
import { createTally, type ShadowTally } from './tally.ts'

export interface ShadowOptions {
  dialect: string
  /** What the door's paths begin with: other ones are passed on, and not copied. */
  prefixes: string[]
  fields: WireFields
  old: URL
  /** The rehearsal server. */
  fresh: URL
  /** From 0 to 1: the share of people whose exchanges are copied. */
  sample: number
  /** How many copies may wait; 1,000 when not given. */
  queueLength?: number
  /** How many are sent at a time; 16 when not given. */
  concurrency?: number
  /** How long the new server may take for an answer; ten seconds when not given. */
  timeoutMs?: number
  /** Epoch milliseconds. */
  now(): number
}

export interface Shadow extends ShadowProxy {
  /** What was seen until now. */
  tally(): ShadowTally
  /** Resolves when no copy waits. */
  idle(): Promise<void>
}

/** A proxy before the old server that repeats at the new one what passes, and compares the answers. */
export function createShadow(options: ShadowOptions): Shadow {
  const { dialect, fields, old, fresh, sample, now, prefixes } = options
  const tally = createTally({ dialect, startedAt: new Date(now()).toISOString() })
  const asker = createServerAsker(fresh, { timeoutMs: options.timeoutMs ?? 10_000 })
  const copier = createCopier({
    fields,
    tally,
    send: asker.send,
    isSampled: (lane) => shareOf(lane) < sample,
    hosts: { old: old.host, new: fresh.host },
    now,
    queueLength: options.queueLength ?? 1000,
    concurrency: options.concurrency ?? 16,
  })
  const isOfDoor = (path: string) =>
    prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))
  const proxy = createProxy({ old, copier, isOfDoor })
  return {
    handle: proxy.handle,
    tally: () => tally.read(),
    idle: () => copier.idle(),
    close: () => {
      proxy.close()
      asker.close()
    },
  }
}

/** From 0 to 1, and always the same for the same person. */
function shareOf(lane: string): number {
  return createHash('sha256').update(lane).digest().readUInt32BE() / 2 ** 32
}

import { randomBytes } from 'node:crypto'
import type { Identifier } from '../../src/core/accounts/identifiers.ts'
import type { PasswordAnswer, Upstream } from '../../src/core/switching/upstream.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { createOldServer, type OldServer, type OldServerSettings } from '../../src/upstream/old-server.ts'

/** Milliseconds that pass when a test says so. */
export interface Clock {
  now(): number
  advance(milliseconds: number): void
}

export function createClock(): Clock {
  let time = 1_000_000
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds
    },
  }
}

/** An old server with the settings that operators get; a test closes it. */
export function oldServerAt(
  origin: string,
  upstream: Upstream,
  settings: Partial<OldServerSettings> = {},
): OldServer {
  return createOldServer({
    origin,
    upstream,
    allowPrivate: false,
    forwardAddress: false,
    // The defaults are for networks; a machine with tests on it may be slower.
    timeoutMs: 20_000,
    connectTimeoutMs: 10_000,
    concurrency: 8,
    perMinute: 300,
    now: performance.now.bind(performance),
    ...settings,
  })
}

/** Asks once, and waits until the session there has been ended. */
export async function askOnce(
  origin: string,
  upstream: Upstream,
  question: { identifier: Identifier; password: string; address?: string },
  settings?: Partial<OldServerSettings>,
): Promise<PasswordAnswer> {
  const oldServer = oldServerAt(origin, upstream, settings)
  try {
    return await oldServer.checkPassword(question)
  } finally {
    await oldServer.close()
  }
}

/** How the dialect of that name asks. */
export function upstreamOf(
  name: string,
  settings: object = {},
  options: Record<string, unknown> = {},
): Upstream {
  const dialect = dialects.find(({ door }) => door.dialect === name)
  if (!dialect?.upstream) throw new Error(`${name} asks no old server`)
  return dialect.upstream(settings, { options, randomBytes })
}

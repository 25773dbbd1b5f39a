import assert from 'node:assert/strict'
import { type Person, refresh, signIn, whoAmI } from '../../dialects/wolfpal/door.ts'
import { credebl, minbil } from '../../harness/doors.ts'
import type { TestServer } from '../../harness/harness.ts'

/** One more session at each of three doors. */
export async function sessionsOf(server: TestServer, person: Person) {
  return {
    wolfpal: await signIn(server, person),
    minbil: minbil.tokensOf(await minbil.signIn(server, person)),
    credebl: credebl.tokensOf(await credebl.signIn(server, person)),
  }
}

type Sessions = Awaited<ReturnType<typeof sessionsOf>>

async function statusesOf(server: TestServer, sessions: Sessions): Promise<number[]> {
  const profile = { bearer: sessions.credebl.access }
  return [
    (await whoAmI(server, sessions.wolfpal.access)).status,
    (await server.request('GET', '/users/profile', profile)).status,
    (await refresh(server, sessions.wolfpal.refresh)).status,
    (await minbil.refresh(server, sessions.minbil.refresh)).status,
    (await credebl.refresh(server, sessions.credebl.refresh)).status,
  ]
}

/** That their access tokens are good. */
export async function assertLive(server: TestServer, sessions: Sessions): Promise<void> {
  const profile = { bearer: sessions.credebl.access }
  assert.equal((await whoAmI(server, sessions.wolfpal.access)).status, 200)
  assert.equal((await server.request('GET', '/users/profile', profile)).status, 200)
}

/** That none of their tokens is good. */
export async function assertEnded(server: TestServer, sessions: Sessions): Promise<void> {
  assert.deepEqual(new Set(await statusesOf(server, sessions)), new Set([401]))
}

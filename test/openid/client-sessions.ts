import assert from 'node:assert/strict'
import { execute, rowsOnce, select } from '../harness/database.ts'
import { minbil, type Person, registerUnmailed } from '../harness/doors.ts'
import { claimsOf, type TestServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { copySession } from '../harness/stored-sessions.ts'

type OfServer = Pick<TestServer, 'request'> & { env: { DATABASE_URL?: string } }

let clients = 0

/** Puts a client into the database that wants to hear at that address of the ends of sessions; returns its id. */
export async function addClient(
  { env }: OfServer,
  { uri, ...settings }: { uri: string; idTokenAlgorithm?: 'RS256' | 'ES256' },
): Promise<string> {
  const id = `app-${++clients}`
  const json = JSON.stringify({ ...settings, backchannelLogoutUri: uri })
  await execute(
    env.DATABASE_URL ?? '',
    `insert into clients (realm, dialect, id, kind, origins, redirect_uris, brand, settings)
     values ('main', 'openid', '${id}', 'registered', '[]', '[]', '{"name":"${id}"}', '${json}')`,
  )
  return id
}

/** Somebody who is signed in at a door. */
export interface SignedIn extends Person {
  id: string
  sessionId: string
}

export async function signIn(server: OfServer): Promise<SignedIn> {
  const person = await registerUnmailed(server, server.env.DATABASE_URL ?? '')
  const { access } = minbil.tokensOf(await minbil.signIn(server, person))
  const { sid } = claimsOf(access)
  const [row] = await select(
    server.env.DATABASE_URL ?? '',
    `select account_id from sessions where id = '${sid}'`,
  )
  return { ...person, id: String(row?.account_id ?? assert.fail('no session')), sessionId: sid }
}

/** Puts `count` sessions of a client into the database, which it knows as `SID-1`, `SID-2` … */
export async function addSessions(
  { env }: OfServer,
  { sessionId }: Pick<SignedIn, 'sessionId'>,
  { client, sid, count = 1 }: { client: string; sid: string; count?: number },
): Promise<void> {
  await copySession(env.DATABASE_URL ?? '', {
    id: sessionId,
    count,
    changes: {
      dialect: `'openid'`,
      client_id: `'${client}'`,
      openid: `'{"scope":"openid","sid":"${sid}-' || i || '"}'`,
      tell_end: '1',
    },
  })
}

/** Waits until every client has been told of every session that has ended, so that whoever has not heard by then never will. */
export async function endOfTelling(server: Pick<TestServer, 'env'>): Promise<void> {
  await rowsOnce(server.env.DATABASE_URL ?? '', {
    what: 'jobs for all ends of sessions',
    statement: 'select id from sessions where tell_end = 1 and ended_at is not null limit 1',
    areWanted: (rows) => rows.length === 0,
  })
  await endOfJobs(server)
}

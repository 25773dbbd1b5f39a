import { sql } from 'kysely'
import { realmStore, type Store } from '../../src/store/store.ts'
import type { Database, Engine } from '../../src/store/types.ts'
import { firstMadeAt, idAt } from '../../test/harness/many-accounts.ts'
import { spread } from '../compare.ts'
import type { Figure } from '../report.ts'

/** Of each measurement, a few of them in a transaction, so that it is no measurement of the disk. */
const writes = 5_000
const perTransaction = 50

/** What the database takes for what a sign-in and a refresh write, with the indexes of the lists and without them. */
export async function measureWrites(
  db: Database,
  { engine, count, rounds }: { engine: Engine; count: number; rounds: number },
): Promise<Figure[]> {
  const store = realmStore(db, 'main')
  const generations = new Map<string, number>()
  let now = Date.now()
  const anyId = () => idAt(firstMadeAt + (1 + Math.floor(Math.random() * count)) * 1000)
  const works: Record<string, (store: Store) => Promise<unknown>> = {
    'a sign-in': (store) => signIn(store, { accountId: anyId(), id: idAt(++now), now }),
    'a refresh': (store) => refresh(store, { id: anyId(), now: ++now, generations }),
  }
  const withIndexes = await timesOf(store, works, rounds)
  await dropIndexes(db, engine)
  const without = await timesOf(store, works, rounds)
  return Object.keys(works).flatMap((name) => [
    {
      name: `${name} writes, with the indexes of lists (${engine})`,
      unit: 'µs',
      value: spread(withIndexes[name] ?? []),
    },
    { name: `${name} writes, without them (${engine})`, unit: 'µs', value: spread(without[name] ?? []) },
  ])
}

async function timesOf(
  store: Store,
  works: Record<string, (store: Store) => Promise<unknown>>,
  rounds: number,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const began = performance.now()
      for (let done = 0; done < writes; done += perTransaction)
        await store.transaction(async (store) => {
          for (let one = 0; one < perTransaction; one++) await work(store)
        })
      times[name] = [...(times[name] ?? []), ((performance.now() - began) * 1000) / writes]
    }
  }
  return times
}

async function signIn(
  store: Store,
  { accountId, id, now }: { accountId: string; id: string; now: number },
): Promise<void> {
  await store.accounts.recordSignInWithoutPassword({ id: accountId, password_changed_at: null }, now)
  await store.sessions.create({
    id,
    account_id: accountId,
    client_id: 'app1',
    dialect: 'minbil',
    generation: 1,
    rotated_at: now,
    created_at: now,
    last_used_at: now,
    idle_expires_at: now + 1e10,
    absolute_expires_at: now + 1e10,
    user_agent: null,
    device: null,
    ip: '10.1.2.3',
    second_factor_at: null,
    proven_at: null,
    methods: null,
    master_key_id: 'key',
  })
  await store.audit.add({
    id,
    at: now,
    event: 'sign_in',
    outcome: 'success',
    account_id: accountId,
    session_id: id,
    client_id: 'app1',
    dialect: 'minbil',
    ip: '10.1.2.3',
    detail: null,
    actor: null,
    note: null,
    subject: null,
  })
}

async function refresh(
  store: Store,
  { id, now, generations }: { id: string; now: number; generations: Map<string, number> },
): Promise<void> {
  const generation = generations.get(id) ?? 1
  const session = await store.sessions.byId(id)
  const step = { dialect: session?.dialect ?? '', generation, idleExpiresAt: now + 1e10, now }
  if (await store.sessions.rotate(id, step)) generations.set(id, generation + 1)
}

/** Those that `009-console-lists` has made. */
async function dropIndexes(db: Database, engine: Engine): Promise<void> {
  const prefixes = ['accounts_email_prefix', 'accounts_username_prefix', 'accounts_phone_prefix']
  const names = [
    'accounts_listed',
    'accounts_unverified',
    'accounts_disabled',
    'accounts_leaving',
    'sessions_listed',
    'sessions_of_client',
    'sessions_of_ip',
    'audit_listed',
    'audit_of_event',
    'audit_of_ip',
    'audit_of_actor',
    'jobs_of_recipient',
    ...(engine === 'postgres' ? prefixes : []),
  ]
  for (const name of names) await sql.raw(`drop index ${name}`).execute(db)
}

import { type Said, say } from '../../admin/findings.ts'
import type { Config } from '../../config/config.ts'
import { isLoopback } from '../../lib/ip.ts'
import { tlsOf } from '../../lib/postgres-url.ts'
import { readMasterKeys } from '../../server/master-key-file.ts'
import {
  newestEventAt,
  type PostgresFacts,
  postgresFacts,
  signingKeysInUse,
  sqliteFacts,
} from '../../store/admin/diagnosis.ts'
import { readSchemaState } from '../../store/database.ts'
import { findPooler } from '../../store/postgres/pooler.ts'
import { jobQueue } from '../../store/tables/jobs.ts'
import type { Database, Engine } from '../../store/types.ts'
import { isMissing } from '../missing-file.ts'
import { opensEvery } from '../opens-every.ts'
import { type Check, type Finding, ok, problem, type Surroundings, warning } from './check.ts'
import { databaseAdvice, maxProcessConnections } from './database-advice.ts'
import { checkMasterKeyUse } from './master-key-use.ts'
import { checkPasskeys } from './passkeys.ts'

/** The first that PostgreSQL's makers still mend: https://www.postgresql.org/support/versioning/ */
const minVersion = 140_000
/** Clocks further apart than this are worth a warning, and a problem. */
const [warningSkewMs, problemSkewMs] = [2_000, 30_000]
/** Nobody works on a job that is due for longer. */
const maxOverdueMs = 5 * 60_000

/** The database and what is in it; `db` is opened when it is first asked. */
export function databaseChecks(
  config: Config,
  { db, now, env }: Pick<Surroundings, 'now' | 'env'> & { db: Database },
): Check[] {
  const { database } = config
  const { engine } = database
  const checkDatabase = async () => {
    if (database.engine === 'postgres') return checkPostgres(db, database.url, now)
    return isMissing(database)
      ? warning(
          say('there is no {path} yet', { path: database.path }),
          say('`manydoors migrate` or a start makes it'),
        )
      : checkSqlite(db, database.path)
  }
  const onSchema = onSchemaOf(config, db)
  return [
    { name: 'database', run: checkDatabase, advise: databaseAdvice },
    { name: 'database TLS', run: async () => checkTls(config, env) },
    { name: 'schema', run: () => checkSchema(config, db), advise: databaseAdvice },
    { name: 'clock', run: onSchema(() => checkClock(db, engine, now)), advise: databaseAdvice },
    { name: 'master key', run: onSchema(() => checkMasterKey(config, db)) },
    { name: 'master keys', run: onSchema(() => checkMasterKeyUse(config, db, now)) },
    { name: 'passkeys', run: onSchema(() => checkPasskeys(config, db)) },
    { name: 'jobs', run: onSchema(() => checkJobs(db, now)) },
  ]
}

/** Has a check be run where the database has the tables of this release: what cannot be asked is a finding of others. */
export function onSchemaOf(
  { database }: Config,
  db: Database,
): (run: () => Promise<Finding>) => Check['run'] {
  const hasTables = async () =>
    !isMissing(database) &&
    (await readSchemaState(db, database.engine).then(
      (states) => states.every(({ appliedAt }) => appliedAt !== undefined),
      () => false,
    ))
  return (run) => async () => ((await hasTables()) ? run() : undefined)
}

async function checkPostgres(db: Database, url: string, now: () => number): Promise<Finding> {
  const begin = now()
  const { version, versionText, encoding, connections, maxConnections } = await postgresFacts(db)
  const elapsedMs = now() - begin
  const pooler = await findPooler(url)
  const facts = { versionText, encoding, connections, maxConnections, elapsedMs }
  const says = pooler
    ? say(
        'PostgreSQL {versionText}, {encoding}, {connections} of {maxConnections} connections, {elapsedMs} ms, behind a pooler in {pooler} mode',
        { ...facts, pooler },
      )
    : say(
        'PostgreSQL {versionText}, {encoding}, {connections} of {maxConnections} connections, {elapsedMs} ms',
        facts,
      )
  if (encoding !== 'UTF8') return problem(says, say('make the database anew with ENCODING UTF8'))
  if (version < minVersion) return warning(says, say('upgrade PostgreSQL to 14 or newer'))
  const advice = say('raise max_connections: each process of the server opens up to {most}', {
    most: maxProcessConnections,
  })
  if (maxConnections - connections < maxProcessConnections) return problem(says, advice)
  return maxConnections < 4 * maxProcessConnections ? warning(says, advice) : ok(says)
}

async function checkSqlite(db: Database, path: string): Promise<Finding> {
  const { version, journalMode } = await sqliteFacts(db)
  const says = say('SQLite {version} at {path}, journal mode {journalMode}', { version, path, journalMode })
  return journalMode === 'wal' ? ok(says) : problem(says, say('move it to a local disk: it must be WAL'))
}

/** What is sent over a network can be read and changed on the way. */
function checkTls({ database }: Config, { PGHOST, PGSSLMODE }: Surroundings['env']): Finding | undefined {
  if (database.engine === 'sqlite') return undefined
  const { host, isTls, isVerified } = tlsOf(database.url, { host: PGHOST, mode: PGSSLMODE })
  if (host === undefined || host.startsWith('/') || isLoopback(host)) return ok(say('on this machine'))
  const advice = say('write sslmode=verify-full behind the address: see docs/operations.md')
  if (!isTls) return warning(say('{host} without TLS', { host }), advice)
  return isVerified
    ? ok(say('{host} over TLS', { host }))
    : warning(say('{host} over TLS, its certificate unverified', { host }), advice)
}

async function checkSchema({ database }: Config, db: Database): Promise<Finding | undefined> {
  if (isMissing(database)) return undefined
  const { engine } = database
  const states = await readSchemaState(db, engine)
  const newer = states.filter(({ isKnown }) => !isKnown)
  const breaking = newer.filter(({ isBreaking }) => isBreaking).map(({ name }) => name)
  const pending = states.filter(({ appliedAt }) => appliedAt === undefined).map(({ name }) => name)
  if (breaking.length > 0)
    return problem(
      say('changed by a newer release: {changes}', { changes: breaking.join(', ') }),
      say('start the newer release'),
    )
  if (pending.length > 0) {
    const changes = pending.join(', ')
    const facts = engine === 'postgres' ? await postgresFacts(db) : undefined
    return facts?.canCreate === false
      ? problem(
          say('waiting: {changes}; {user} may make no tables', { changes, user: facts.user }),
          givingDatabase(facts),
        )
      : warning(
          say('waiting: {changes}', { changes }),
          say('`manydoors migrate` or a start makes these changes'),
        )
  }
  const made = states.length - newer.length
  return ok(
    newer.length > 0
      ? say('all {made} changes are made, and {newer} of a newer release that do no harm', {
          made,
          newer: newer.length,
        })
      : say('all {made} changes are made', { made }),
  )
}

function givingDatabase({ database, user }: PostgresFacts): Said {
  return say('as the owner of the database: alter database {database} owner to {user}', { database, user })
}

async function checkClock(db: Database, engine: Engine, now: () => number): Promise<Finding> {
  const ahead = ((await newestEventAt(db)) ?? 0) - now()
  if (ahead > problemSkewMs) {
    const says = say('the newest event is {time} in the future: a clock is wrong, or was', {
      time: seconds(ahead),
    })
    return problem(says, say('let NTP set the clocks of all nodes'))
  }
  if (engine === 'sqlite') return ok(say('{time}', { time: new Date(now()).toISOString() }))
  const before = now()
  const { time } = await postgresFacts(db)
  // The answer is as old as half its way there and back.
  const difference = Math.abs(time - (before + now()) / 2)
  const says = say('{time} from the clock of PostgreSQL', { time: seconds(difference) })
  if (difference < warningSkewMs) return ok(says)
  const judge = difference < problemSkewMs ? warning : problem
  return judge(says, say('let NTP set the clocks of all machines'))
}

async function checkMasterKey(config: Config, db: Database): Promise<Finding> {
  const signingKeys = await signingKeysInUse(db)
  const masterKeys = await readMasterKeys(config)
  if (!masterKeys) {
    const advice = say('set MANYDOORS_SECRET, or bring master.key back')
    return signingKeys.length > 0
      ? problem(say('there is none, and the database was set up with one'), advice)
      : warning(say('there is none yet'), say('a start in development makes one'))
  }
  if (!opensEvery(masterKeys, signingKeys))
    return problem(say('it is not the one that the database was set up with'), say('configure the right one'))
  return ok(say('it decrypts the {count} signing keys in use', { count: signingKeys.length }))
}

async function checkJobs(db: Database, now: () => number): Promise<Finding> {
  const { waiting, dead, dueSince } = await jobQueue(db).state(now())
  const late = dueSince === undefined ? 0 : now() - dueSince
  if (late > maxOverdueMs)
    return problem(
      say('{waiting} waiting, {dead} given up; the oldest is due for {time}', {
        waiting,
        dead,
        time: seconds(late),
      }),
      say('see that a server runs'),
    )
  const says = say('{waiting} waiting, {dead} given up', { waiting, dead })
  return dead > 0 ? warning(says, say('see their last_error in the table jobs')) : ok(says)
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

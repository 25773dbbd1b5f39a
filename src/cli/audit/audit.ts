import { setTimeout as pause } from 'node:timers/promises'
import { presentEvent } from '../../core/accounts/present.ts'
import { filterFor, followAudit, newestAudit, readAudit, type TrailQuery } from '../../core/audit/trail.ts'
import type { RealmContext } from '../../core/context.ts'
import type { AuditRow } from '../../store/schema.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealm } from '../realm.ts'
import { auditThere } from '../remote/audit.ts'
import { eitherWay } from '../remote/either-way.ts'
import { countArgument, ipArgument, timeArgument } from '../terminal/arguments.ts'
import { fieldText, printRows } from '../terminal/print.ts'

interface Options extends Pick<TrailQuery, 'account' | 'event' | 'dialect' | 'ip' | 'since' | 'until'> {
  client?: string
  limit?: number
  follow?: boolean
}

const followPauseMs = 1000
/** Newest events that `--follow` begins with. */
const defaultFollowLimit = 10

/** `audit`: what happened, oldest first. */
export function defineCommand(audit: CliCommand): void {
  const { now } = audit.outside
  audit
    .addOption(realmOption())
    .option('--account <account>', 'only of this account, by id, e-mail address, user name or phone number')
    .option('--event <event>', 'only of this kind, such as sign_in')
    .option('--since <time>', 'only since then: 2026-01-31, 12h, 7d', timeArgument(now))
    .option('--until <time>', 'only until then', timeArgument(now))
    .option('--ip <address>', 'only from this IP address', ipArgument)
    .option('--client <id>', 'only from this client')
    .option('--dialect <name>', 'only through this dialect')
    .option('--limit <number>', 'only the newest, at most this many', countArgument)
    .option('--follow', 'keep printing new events')
  eitherWay(audit, {
    here: (options: Options, command: CliCommand) =>
      withRealm(command, 'read', (ctx) => printTrail(ctx, options, command)),
    there: auditThere(lineOf),
  })
}

async function printTrail(ctx: RealmContext, options: Options, command: CliCommand): Promise<void> {
  const { client, limit, follow, account, event, since, until, ip, dialect } = options
  const query = { account, event, since, until, ip, clientId: client, dialect }
  const filter = await filterFor(ctx, query)
  if (!filter) throw new CommandError(`realm ${ctx.realm.name} has no account ${account}`)
  const print = (rows: AsyncIterable<AuditRow> | Iterable<AuditRow>) =>
    printRows(command, rows, { present: presentEvent, lineOf })

  if (!follow && limit === undefined) return print(readAudit(ctx, filter))
  const newest = await newestAudit(ctx, filter, limit ?? defaultFollowLimit)
  await print(newest)
  // Until a signal ends the process.
  if (follow) await print(followAudit(ctx, filter, { seen: newest, pause: () => pause(followPauseMs, true) }))
}

function lineOf(row: Record<string, unknown>): string {
  const { at, event, outcome, detail, actor, accountId, sessionId, dialect, clientId, ip } = row
  const named = (name: string, value: unknown) => (value === undefined ? undefined : `${name}=${value}`)
  return fieldText({
    at,
    event,
    outcome,
    detail,
    actor: named('by', actor),
    accountId: named('account', accountId),
    sessionId: named('session', sessionId),
    dialect: named('dialect', dialect),
    clientId: named('client', clientId),
    ip: named('ip', ip),
  })
}

import { list } from '../../admin/operations/audit/audit.ts'
import type { CliCommand } from '../cli-command.ts'
import { printRows } from '../terminal/print.ts'
import { realmThere, refuseOptions, withoutNulls } from './by-operation.ts'
import { everyItem, firstOf, type Remote } from './remote.ts'

/** A whole trail is for a file: `audit.export`. */
const defaultLimit = 1000

/** `audit` at a running server: the newest events, a thousand where no `--limit` is given, oldest first. */
export function auditThere(lineOf: (row: Record<string, unknown>) => string) {
  return async (remote: Remote, options: Record<string, unknown>, command: CliCommand): Promise<void> => {
    refuseOptions(options, ['follow'])
    const { account, event, ip, client, dialect: door, limit = defaultLimit, since, until } = options
    const query = { account, event, ip, client, door, since: timeText(since), until: timeText(until) }
    const items = everyItem(remote, list, { ...realmThere(command), ...query })
    const newest = []
    for await (const item of firstOf(items, Number(limit))) newest.push(item)
    await printRows(command, newest.toReversed(), {
      present: (item) => item,
      lineOf: (item) => lineOf(named(item)),
    })
  }
}

/** As the lines of the node call the fields. */
function named(item: Record<string, unknown>): Record<string, unknown> {
  const { account, session, door, client, ...rest } = item
  return withoutNulls({ ...rest, accountId: account, sessionId: session, dialect: door, clientId: client })
}

function timeText(at: unknown): string | undefined {
  return typeof at === 'number' ? new Date(at).toISOString() : undefined
}

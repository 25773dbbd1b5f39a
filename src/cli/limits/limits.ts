import type { z } from 'zod'
import * as operations from '../../admin/operations/limits/limits.ts'
import { clearLimits, lookUpLimits } from '../../core/limits/look-up.ts'
import type { CliCommand } from '../cli-command.ts'
import { realmOption, withRealm } from '../realm.ts'
import { byOperation, withoutNulls } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { fieldText, printResult, printRows } from '../terminal/print.ts'

/** `limits …`: what an account or an IP address has used up. Counts are kept under hashes, so none can be listed. */
export function defineCommand(limits: CliCommand): void {
  limits.addOption(realmOption())
  const input = (of: string) => ({ of })
  const show = limits
    .command('show <account-or-address>')
    .description('show the counts of an account, by id or name, or of an IP address')
  eitherWay(show, {
    here: (typed: string, _options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) =>
        printCounts(command, operations.presentFound(await lookUpLimits(ctx, typed)), typed),
      ),
    there: byOperation(operations.lookUp, { input, print: printCounts }),
  })
  const clear = limits
    .command('clear <account-or-address>')
    .description('set back the counts of an account or an IP address')
  eitherWay(clear, {
    here: (typed: string, _options: object, command: CliCommand) =>
      withRealm(command, 'change', async (ctx) =>
        printCleared(command, operations.presentFound(await clearLimits(ctx, typed)), typed),
      ),
    there: byOperation(operations.clear, { input, print: printCleared }),
  })
}

type Found = z.output<typeof operations.lookUp.output>

async function printCounts(command: CliCommand, { items }: Found, typed: string): Promise<void> {
  await printRows(command, items, { present, lineOf: fieldText })
  if (items.length === 0) command.outside.stderr.write(`nothing is counted for ${typed}\n`)
}

function printCleared(command: CliCommand, { address, account, items }: Found, typed: string): void {
  printResult(command, { ...withoutNulls({ address, account }), cleared: items.map(present) }, [
    items.length === 0
      ? `nothing was counted for ${typed}`
      : `cleared: ${[...new Set(items.map(({ rule }) => rule))].join(', ')}`,
  ])
}

function present({ rule, used, points, endsAt, who, address }: Found['items'][number]) {
  return withoutNulls({ rule, used, points, endsAt, who, address })
}

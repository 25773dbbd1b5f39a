import { clearLimits, type FoundCount, type LookUp, lookUpLimits } from '../../core/limits/look-up.ts'
import type { CliCommand } from '../cli-command.ts'
import { realmOption, withRealm } from '../realm.ts'
import { fieldText, printResult, printRows } from '../terminal/print.ts'

/** `limits …`: what an account or an IP address has used up. Counts are kept under hashes, so none can be listed. */
export function defineCommand(limits: CliCommand): void {
  limits.addOption(realmOption())
  limits
    .command('show <account-or-address>')
    .description('show the counts of an account, by id or name, or of an IP address')
    .action((typed: string, _options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        const { counts } = await lookUpLimits(ctx, typed)
        await printRows(command, counts, { present, lineOf: fieldText })
        if (counts.length === 0) command.outside.stderr.write(`nothing is counted for ${typed}\n`)
      }),
    )
  limits
    .command('clear <account-or-address>')
    .description('set back the counts of an account or an IP address')
    .action((typed: string, _options: object, command: CliCommand) =>
      withRealm(command, 'change', async (ctx) => {
        const found = await clearLimits(ctx, typed)
        printResult(command, { ...presentSubject(found), cleared: found.counts.map(present) }, [
          found.counts.length === 0
            ? `nothing was counted for ${typed}`
            : `cleared: ${[...new Set(found.counts.map(({ rule }) => rule))].join(', ')}`,
        ])
      }),
    )
}

function presentSubject({ address, account }: LookUp): { address?: string; account?: string } {
  return { ...(address !== undefined && { address }), ...(account && { account: account.id }) }
}

function present({ rule, used, points, endsAt, who, address }: FoundCount) {
  return {
    rule,
    used,
    points,
    endsAt: new Date(endsAt).toISOString(),
    ...(who !== undefined && { who }),
    ...(address !== undefined && { address }),
  }
}

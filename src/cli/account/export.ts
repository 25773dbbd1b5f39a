import { exportAccount, type PersonalData } from '../../core/accounts/export.ts'
import type { CliCommand } from '../cli-command.ts'
import { onAccount } from '../realm.ts'
import { writeOut } from '../terminal/print.ts'

/** `account export`: all that is held of a person, as JSON whether or not that is asked for. */
export function exportCommand(account: CliCommand): void {
  account
    .command('export <account>')
    .description('print everything stored about a person, as JSON')
    .action(
      onAccount('read', async (ctx, account, { command }) => {
        const data = await exportAccount(ctx, account)
        for await (const part of jsonOf(data)) await writeOut(command.outside.stdout, part)
      }),
    )
}

/** One JSON object in parts, as the sessions and the audit trail of a person may be too many to be held at once. */
async function* jsonOf({ sessions, audit, ...rest }: PersonalData): AsyncGenerator<string> {
  yield JSON.stringify(rest, undefined, 2).slice(0, -2)
  for (const [name, rows] of Object.entries({ sessions, audit })) {
    yield `,\n  "${name}": [`
    let separator = ''
    for await (const row of rows) {
      yield `${separator}\n    ${JSON.stringify(row)}`
      separator = ','
    }
    yield '\n  ]'
  }
  yield '\n}\n'
}

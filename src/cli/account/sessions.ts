import { presentSession } from '../../core/accounts/present.ts'
import type { RealmContext } from '../../core/context.ts'
import { accountDoor } from '../../core/self-service/account-door.ts'
import { endSessionOf, endSessionsOf, isLive, sessionsOf } from '../../core/sessions/account-sessions.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { sessionsThere } from '../remote/accounts.ts'
import { eitherWay } from '../remote/either-way.ts'
import { fieldText, printResult, printRows } from '../terminal/print.ts'

interface Options {
  all?: boolean
  end?: string
  endAll?: boolean
}

/** `account sessions`: where an account is signed in; one or all of them can be ended. */
export function sessionsCommand(account: CliCommand): void {
  const sessions = account
    .command('sessions <account>')
    .description('list the live sessions of an account, newest first')
    .option('--all', 'include those that have ended')
    .option('--end <id>', 'end one of them')
    .option('--end-all', 'end all of them')
  eitherWay(sessions, {
    here: (name: string, options: Options, command: CliCommand) =>
      options.endAll || options.end !== undefined
        ? endSessions(name, options, command)
        : listSessions(name, options, command),
    there: sessionsThere,
  })
}

const listSessions = onAccount<Options>('read', async (ctx, account, { options, command }) => {
  await printRows(command, sessionsToShow(ctx, account, options), { present: presentSession, lineOf })
})

const endSessions = onAccount<Options>(
  'change',
  async (ctx, account, { options: { end, endAll }, command }) => {
    const { id } = account
    if (endAll || end === undefined) {
      await endSessionsOf(ctx, account)
      return printResult(command, { id, ended: 'all' }, ['all sessions have ended'])
    }
    if (!(await endSessionOf(ctx, account, end))) throw new CommandError(`${id} has no live session ${end}`)
    printResult(command, { id, ended: end }, [`session ${end} has ended`])
  },
)

async function* sessionsToShow(ctx: RealmContext, account: AccountRow, { all }: Options) {
  for await (const session of sessionsOf(ctx, account)) if (all || isLive(session, ctx.now())) yield session
}

function lineOf(session: Record<string, unknown>): string {
  const { id, createdAt, lastUsedAt, ip, userAgent, endedAt, endedWhy } = session
  return fieldText({ id, ...placeOf(session), createdAt, lastUsedAt, ip, userAgent, endedAt, endedWhy })
}

/** Where somebody is signed in: through which door and client, or in a browser at the account page. */
function placeOf({ dialect, clientId }: Record<string, unknown>): Record<string, unknown> {
  return dialect === accountDoor.dialect ? { place: 'account page' } : { dialect, clientId }
}

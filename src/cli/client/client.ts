import * as operations from '../../admin/operations/clients/clients.ts'
import {
  clientNamed,
  type KnownClient,
  listClients,
  removeClient,
  rotateClientSecret,
} from '../../core/clients/admin.ts'
import type { RealmContext } from '../../core/context.ts'
import { authMethodOf, needsSecret } from '../../core/openid/settings.ts'
import { openidManifest } from '../../openid/manifest/manifest.ts'
import { reasonOption } from '../account/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealm } from '../realm.ts'
import { byOperation, hoursOf, realmThere } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { everyItem } from '../remote/remote.ts'
import { durationArgument } from '../terminal/arguments.ts'
import { fieldLines, printResult, printRows } from '../terminal/print.ts'
import { defineAdd } from './add.ts'
import { clientLine, presentClient, presentClientView } from './present.ts'
import { defineToken } from './token.ts'

/** `client …`: the apps of a realm. Those that the configuration declares are changed there. */
export function defineCommand(client: CliCommand): void {
  client.addOption(realmOption())
  eitherWay(client.command('list').description('list all clients'), {
    here: (_options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        await printRows(command, await listClients(ctx), { present: presentClient, lineOf: clientLine })
      }),
    there: (remote, _options: object, command: CliCommand) =>
      printRows(command, everyItem(remote, operations.list, realmThere(command)), {
        present: presentClientView,
        lineOf: clientLine,
      }),
  })
  eitherWay(client.command('show <dialect> <id>').description('show what is known of an app'), {
    here: show,
    there: byOperation(operations.show, {
      input: named,
      print: (command, view) => printClient(command, presentClientView(view)),
    }),
  })
  defineAdd(client)
  const remove = client
    .command('remove <dialect> <id>')
    .description('remove an app that no configuration declares')
    .addOption(reasonOption())
  eitherWay(remove, {
    here: removeHere,
    there: byOperation(operations.remove, { input: named, print: printRemoved }),
  })
  const secret = client
    .command('secret <dialect> <id>')
    .description('rotate the secret of an app; the new one is shown only once')
    .option(
      '--overlap <time>',
      'how long the one before it stays good, such as 7d (default: not at all)',
      durationArgument({ min: '1m', max: '90d' }),
      0,
    )
    .addOption(reasonOption())
  eitherWay(secret, {
    here: rotate,
    there: byOperation(operations.rotateSecret, {
      input: (dialect: string, id: string, { overlap }: { overlap: number }) => ({
        ...named(dialect, id),
        overlapHours: hoursOf('--overlap', overlap),
      }),
      print: printSecret,
    }),
  })
  defineToken(client)
}

function named(dialect: string, client: string) {
  return { dialect, client }
}

async function show(dialect: string, id: string, _options: object, command: CliCommand): Promise<void> {
  await withRealm(command, 'read', async (ctx) => {
    printClient(command, presentClient(await existing(ctx, dialect, id)))
  })
}

function printClient(command: CliCommand, shown: ReturnType<typeof presentClient>): void {
  printResult(command, shown, fieldLines({ ...shown }))
}

async function removeHere(dialect: string, id: string, _options: object, command: CliCommand): Promise<void> {
  await withRealm(command, 'change', async (ctx) => {
    if (!(await removeClient(ctx, { dialect, id }))) {
      await existing(ctx, dialect, id)
      throw new CommandError(`the configuration declares ${dialect} ${id}: remove it there`)
    }
    printRemoved(command, {}, dialect, id)
  })
}

function printRemoved(command: CliCommand, _answer: object, dialect: string, id: string): void {
  printResult(command, { dialect, id, removed: true }, [`${dialect} ${id} is removed`])
}

async function rotate(
  dialect: string,
  id: string,
  { overlap }: { overlap: number },
  command: CliCommand,
): Promise<void> {
  await withRealm(command, 'change', async (ctx) => {
    const client = await existing(ctx, dialect, id)
    if (dialect === openidManifest.door.dialect && !needsSecret(client))
      throw new CommandError(`${dialect} ${id} has no secret: its authMethod is ${authMethodOf(client)}`)
    const secret = await rotateClientSecret(ctx, { dialect, id }, { overlapSeconds: overlap })
    if (secret === undefined) throw noClient(dialect, id)
    printSecret(command, { secret }, dialect, id)
  })
}

function printSecret(command: CliCommand, { secret }: { secret: string }, dialect: string, id: string): void {
  printResult(command, { dialect, id, secret }, [secret])
}

/** Throws `CommandError` when there is none. */
async function existing(ctx: RealmContext, dialect: string, id: string): Promise<KnownClient> {
  const client = await clientNamed(ctx, { dialect, id })
  if (!client) throw noClient(dialect, id)
  return client
}

function noClient(dialect: string, id: string): CommandError {
  return new CommandError(`there is no client ${id} of ${dialect}`)
}

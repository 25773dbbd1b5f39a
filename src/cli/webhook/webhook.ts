import { presentWebhook } from '../../admin/operations/webhooks/views.ts'
import * as operations from '../../admin/operations/webhooks/webhooks.ts'
import type { RealmContext } from '../../core/context.ts'
import { countRecent, testWebhook } from '../../core/webhooks/deliveries.ts'
import {
  findWebhook,
  listWebhooks,
  pauseWebhook,
  removeWebhook,
  resumeWebhook,
  rotateWebhookSecret,
  type Webhook,
} from '../../core/webhooks/endpoints.ts'
import { defaultOverlapSeconds } from '../../core/webhooks/secrets.ts'
import { reasonOption } from '../account/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Access } from '../opening.ts'
import { realmOption, withRealm } from '../realm.ts'
import { byOperation } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { durationArgument } from '../terminal/arguments.ts'
import { fieldLines, printResult, printRows } from '../terminal/print.ts'
import { defineDeliveries } from './deliveries.ts'
import { defineSettings } from './edit.ts'
import { showWebhook, webhookLine } from './present.ts'

/** `webhook …`: the endpoints outside that are told what happens. */
export function defineCommand(webhook: CliCommand): void {
  webhook.addOption(realmOption())
  defineSights(webhook)
  defineSettings(webhook)
  defineStates(webhook)
  const secret = webhook
    .command('secret <id>')
    .description('make a new secret for an endpoint; it is shown only once')
    .option(
      '--overlap <time>',
      'how long the one before it goes on signing, such as 7d; 0 for not at all',
      overlapArgument,
      defaultOverlapSeconds,
    )
    .addOption(reasonOption())
  eitherWay(secret, {
    here: rotate,
    there: byOperation(operations.rotate, {
      input: (webhook: string, { overlap }: { overlap: number }) => ({ webhook, ends: isAtOnce(overlap) }),
      print: printSecret,
    }),
  })
  defineDeliveries(webhook)
}

const ofWebhook = (webhook: string) => ({ webhook })

function defineSights(webhook: CliCommand): void {
  const printList = (command: CliCommand, { items }: { items: Parameters<typeof showWebhook>[0][] }) =>
    printRows(command, items, { present: showWebhook, lineOf: webhookLine })
  eitherWay(webhook.command('list').description('list all endpoints'), {
    here: (_options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) =>
        printList(command, { items: (await listWebhooks(ctx)).map(presentWebhook) }),
      ),
    there: byOperation(operations.list, { print: printList }),
  })
  const show = webhook
    .command('show <id>')
    .description('show an endpoint, and how it went in the last 24 hours')
  const printShown = (command: CliCommand, view: Parameters<typeof showWebhook>[0]) => {
    const shown = showWebhook(view)
    printResult(command, shown, fieldLines(shown))
  }
  eitherWay(show, {
    here: onWebhook('read', async (ctx, webhook, command) =>
      printShown(command, {
        ...presentWebhook(webhook),
        ...{ last24Hours: await countRecent(ctx, webhook.id) },
      }),
    ),
    there: byOperation(operations.show, { input: ofWebhook, print: printShown }),
  })
}

function defineStates(webhook: CliCommand): void {
  const remove = webhook
    .command('remove <id>')
    .description('remove an endpoint with its log and all that waits for it')
    .addOption(reasonOption())
  changeState(remove, operations.remove, {
    here: removeWebhook,
    print: (command, id) => printResult(command, { id, removed: true }, [`${id} is removed`]),
  })
  const pause = webhook.command('pause <id>').description('have what an endpoint is to be told wait')
  changeState(pause, operations.pause, {
    here: pauseWebhook,
    print: (command, id) =>
      printResult(command, { id, paused: true }, [`${id} is paused: what it is to be told waits`]),
  })
  const resume = webhook.command('resume <id>').description('tell an endpoint what it has missed, and go on')
  changeState(resume, operations.resume, {
    here: resumeWebhook,
    print: (command, id) =>
      printResult(command, { id, paused: false }, [`${id} is told again, within seconds`]),
  })
  const test = webhook.command('test <id>').description('send an endpoint an event that says nothing')
  const printTest = (command: CliCommand, { delivery }: { delivery: string | undefined }) =>
    printResult(command, { delivery }, [
      `the servers send it within seconds: manydoors webhook delivery ${delivery}`,
    ])
  eitherWay(test, {
    here: onWebhook('change', async (ctx, { id }, command) =>
      printTest(command, { delivery: await testWebhook(ctx, id) }),
    ),
    there: byOperation(operations.test, { input: ofWebhook, print: printTest }),
  })
}

/** Gives a command that changes the endpoint that is its argument its ways. */
function changeState(
  command: CliCommand,
  operation: typeof operations.remove | typeof operations.pause,
  {
    here,
    print,
  }: {
    here: (ctx: RealmContext, id: string) => Promise<boolean>
    print: (command: CliCommand, id: string) => void
  },
): void {
  eitherWay(command, {
    here: onWebhook('change', async (ctx, { id }, command) => {
      await here(ctx, id)
      print(command, id)
    }),
    there: byOperation(operation, {
      input: ofWebhook,
      print: (command, _answer, id) => print(command, id),
    }),
  })
}

const overlap = durationArgument({ min: '1m', max: '30d' })

function overlapArgument(text: string): number {
  return text === '0' ? 0 : overlap(text)
}

/** An action on the endpoint that is its argument. */
function onWebhook(
  access: Access,
  work: (ctx: RealmContext, webhook: Webhook, command: CliCommand) => Promise<void>,
) {
  return (id: string, _options: object, command: CliCommand): Promise<void> =>
    withRealm(command, access, async (ctx) => work(ctx, await webhookNamed(ctx, id), command))
}

/** Throws `CommandError` when there is none. */
async function webhookNamed(ctx: RealmContext, id: string): Promise<Webhook> {
  const webhook = await findWebhook(ctx, id)
  if (!webhook) throw new CommandError(`there is no webhook ${id}`)
  return webhook
}

function rotate(id: string, { overlap }: { overlap: number }, command: CliCommand): Promise<void> {
  return withRealm(command, 'change', async (ctx) => {
    const secret = await rotateWebhookSecret(ctx, id, { overlapSeconds: overlap })
    if (secret === undefined) throw new CommandError(`there is no webhook ${id}`)
    printSecret(command, { secret }, id)
  })
}

/** Whether the secret before a new one is to sign no more. Throws `CommandError` for what a server is not told. */
function isAtOnce(overlapSeconds: number): boolean {
  if (overlapSeconds === 0) return true
  if (overlapSeconds === defaultOverlapSeconds) return false
  throw new CommandError('--overlap is 1d or 0 at a running server: its API has no other times')
}

function printSecret(command: CliCommand, { secret }: { secret: string }, id: string): void {
  printResult(command, { id, secret }, [secret])
}

import { presentWebhook } from '../../admin/operations/webhooks/views.ts'
import * as operations from '../../admin/operations/webhooks/webhooks.ts'
import {
  addWebhook,
  changeWebhook,
  maxDescriptionLength,
  maxWebhooks,
  type WebhookFault,
  WebhookRefused,
} from '../../core/webhooks/endpoints.ts'
import { webhookEventTypes } from '../../core/webhooks/event-types.ts'
import { reasonOption } from '../account/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { withRealm } from '../realm.ts'
import { byOperation } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { fieldLines, printResult } from '../terminal/print.ts'
import { showWebhook } from './present.ts'

interface Options {
  url?: string
  event?: string[]
  description?: string
}

/** `webhook add`, with its secret, and `webhook edit`. */
export function defineSettings(webhook: CliCommand): void {
  const events = 'what it is told of: types such as account.created, beginnings such as session.*'
  const add = webhook
    .command('add <url>')
    .description('add an endpoint; its secret is shown only once')
    .option('--event <type...>', `${events} (default: everything)`)
    .option('--description <text>', 'what it is for')
    .addOption(reasonOption())
  eitherWay(add, {
    here: (url: string, options: Options, command: CliCommand) =>
      withRealm(command, 'change', async (ctx) => {
        const { webhook, secret } = await inWords(addWebhook(ctx, settingsOf(url, options)))
        printAdded(command, { webhook: presentWebhook(webhook), secret })
      }),
    there: byOperation(operations.add, { input: settingsOf, print: printAdded }),
  })
  const edit = webhook
    .command('edit <id>')
    .description('change an endpoint')
    .option('--url <url>', 'where it is')
    .option('--event <type...>', events)
    .option('--description <text>', 'what it is for')
    .addOption(reasonOption())
  eitherWay(edit, {
    here: (id: string, options: Options, command: CliCommand) =>
      withRealm(command, 'change', async (ctx) => {
        const changed = await inWords(changeWebhook(ctx, id, changesOf(options)))
        if (!changed) throw new CommandError(`there is no webhook ${id}`)
        printChanged(command, presentWebhook(changed))
      }),
    there: byOperation(operations.edit, {
      input: (webhook: string, options: Options) => ({ webhook, ...changesOf(options) }),
      print: printChanged,
    }),
  })
  webhook.command('types').description('list the types of events').action(listTypes)
}

function settingsOf(url: string, { event: types = ['*'], description }: Options) {
  return { url, types, description }
}

function changesOf({ url, event: types, description }: Options) {
  return { url, types, description }
}

function printAdded(
  command: CliCommand,
  { webhook, secret }: { webhook: Parameters<typeof showWebhook>[0]; secret: string },
): void {
  const added = { ...showWebhook(webhook), secret }
  printResult(command, added, [
    ...fieldLines(added),
    '',
    'The secret is shown only now. Give it to whoever reads the requests.',
  ])
}

function printChanged(command: CliCommand, view: Parameters<typeof showWebhook>[0]): void {
  const shown = showWebhook(view)
  printResult(command, shown, fieldLines(shown))
}

function listTypes(_options: object, command: CliCommand): void {
  printResult(command, webhookEventTypes, [...webhookEventTypes])
}

const sentences: Record<WebhookFault, string> = {
  url: 'the URL must begin with https:// and have neither a password nor a fragment',
  url_insecure:
    'the URL must begin with https://, as the realm does not have webhooks.allowPrivateAddresses (docs/webhooks.md)',
  types: 'there is no such type of event: manydoors webhook types',
  description: `the description has more than ${maxDescriptionLength} characters`,
  too_many: `a realm has at most ${maxWebhooks} webhooks`,
}

async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof WebhookRefused) throw new CommandError(sentences[error.fault])
    throw error
  }
}

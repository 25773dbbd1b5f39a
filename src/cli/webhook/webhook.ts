import type { RealmContext } from '../../core/context.ts'
import { countRecent, resendDelivery, resendFailed, testWebhook } from '../../core/webhooks/deliveries.ts'
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
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Access } from '../opening.ts'
import { realmOption, withRealm } from '../realm.ts'
import { durationArgument, timeArgument } from '../terminal/arguments.ts'
import { fieldLines, printResult, printRows } from '../terminal/print.ts'
import { defineDeliveries } from './deliveries.ts'
import { defineSettings } from './edit.ts'
import { presentWebhook, webhookLine } from './present.ts'

/** `webhook …`: the endpoints outside that are told what happens. */
export function defineCommand(webhook: CliCommand): void {
  webhook.addOption(realmOption())
  webhook
    .command('list')
    .description('list all endpoints')
    .action((_options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        await printRows(command, await listWebhooks(ctx), { present: presentWebhook, lineOf: webhookLine })
      }),
    )
  webhook
    .command('show <id>')
    .description('show an endpoint, and how it went in the last 24 hours')
    .action(show)
  defineSettings(webhook)
  defineStates(webhook)
  webhook
    .command('secret <id>')
    .description('make a new secret for an endpoint; it is shown only once')
    .option(
      '--overlap <time>',
      'how long the one before it goes on signing, such as 7d; 0 for not at all',
      overlapArgument,
      defaultOverlapSeconds,
    )
    .action(rotate)
  defineDeliveries(webhook)
  webhook
    .command('resend <id>')
    .description('send a delivery once more, or, of an endpoint, all that were given up')
    .option('--failed', 'the id is that of an endpoint')
    .option('--since <time>', 'those that were given up since then: ISO 8601, or 30m, 12h, 7d')
    .action(resend)
}

function defineStates(webhook: CliCommand): void {
  webhook
    .command('remove <id>')
    .description('remove an endpoint with its log and all that waits for it')
    .action(
      onWebhook('change', async (ctx, { id }, command) => {
        await removeWebhook(ctx, id)
        printResult(command, { id, removed: true }, [`${id} is removed`])
      }),
    )
  webhook
    .command('pause <id>')
    .description('have what an endpoint is to be told wait')
    .action(
      onWebhook('change', async (ctx, { id }, command) => {
        await pauseWebhook(ctx, id)
        printResult(command, { id, paused: true }, [`${id} is paused: what it is to be told waits`])
      }),
    )
  webhook
    .command('resume <id>')
    .description('tell an endpoint what it has missed, and go on')
    .action(
      onWebhook('change', async (ctx, { id }, command) => {
        await resumeWebhook(ctx, id)
        printResult(command, { id, paused: false }, [`${id} is told again, within seconds`])
      }),
    )
  webhook
    .command('test <id>')
    .description('send an endpoint an event that says nothing')
    .action(
      onWebhook('change', async (ctx, { id }, command) => {
        const delivery = await testWebhook(ctx, id)
        printResult(command, { delivery }, [
          `the servers send it within seconds: manydoors webhook delivery ${delivery}`,
        ])
      }),
    )
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

const show = onWebhook('read', async (ctx, webhook, command) => {
  const shown = { ...presentWebhook(webhook), last24Hours: await countRecent(ctx, webhook.id) }
  printResult(command, shown, fieldLines(shown))
})

function rotate(
  id: string,
  { overlap: overlapSeconds }: { overlap: number },
  command: CliCommand,
): Promise<void> {
  return withRealm(command, 'change', async (ctx) => {
    const secret = await rotateWebhookSecret(ctx, id, { overlapSeconds })
    if (secret === undefined) throw new CommandError(`there is no webhook ${id}`)
    printResult(command, { id, secret }, [secret])
  })
}

function resend(
  id: string,
  { failed, since }: { failed?: true; since?: string },
  command: CliCommand,
): Promise<void> {
  return withRealm(command, 'change', async (ctx) => {
    if (failed) {
      const { now } = command.outside
      await webhookNamed(ctx, id)
      const from = since === undefined ? {} : { since: timeArgument(now)(since) }
      const resent = await resendFailed(ctx, id, from)
      return printResult(command, { resent }, [`deliveries that are sent once more: ${resent}`])
    }
    if (!(await resendDelivery(ctx, id)))
      throw new CommandError(`there is no delivery ${id}, or nothing is kept of it`)
    printResult(command, { resent: 1 }, [`${id} is sent once more, within seconds`])
  })
}

import type { z } from 'zod'
import * as operations from '../../admin/operations/webhooks/deliveries.ts'
import {
  type AttemptView,
  type DeliveryView,
  deliveryStates,
  presentAttempt,
  presentDelivery,
} from '../../admin/operations/webhooks/views.ts'
import { list as listEndpoints } from '../../admin/operations/webhooks/webhooks.ts'
import { findDelivery, listDeliveries, resendDelivery, resendFailed } from '../../core/webhooks/deliveries.ts'
import { findWebhook } from '../../core/webhooks/endpoints.ts'
import type { WebhookDeliveryState } from '../../store/schema.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { withRealm } from '../realm.ts'
import { realmThere, withoutNulls } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { everyItem, firstOf, type Remote, ServerRefusal } from '../remote/remote.ts'
import { argument, countArgument, timeArgument } from '../terminal/arguments.ts'
import { fieldLines, printResult, printRows } from '../terminal/print.ts'
import { deliveryLine, showDelivery } from './present.ts'

const stateArgument = argument(
  (text) => deliveryStates.find((state) => state === text),
  `It must be one of ${deliveryStates.join(', ')}.`,
)

interface ListOptions {
  state?: WebhookDeliveryState
  last: number
}

interface ResendOptions {
  failed?: true
  since?: string
}

/** `webhook deliveries`, `webhook delivery` and `webhook resend`. */
export function defineDeliveries(webhook: CliCommand): void {
  const list = webhook
    .command('deliveries <id>')
    .description('list what an endpoint was told and is to be, newest first')
    .option('--state <state>', `only these: ${deliveryStates.join(', ')}`, stateArgument)
    .option('--last <count>', 'how many', countArgument, 50)
  eitherWay(list, { here: listHere, there: listThere })
  const show = webhook.command('delivery <id>').description('show a delivery with what was sent and answered')
  eitherWay(show, {
    here: (id: string, _options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        const found = await findDelivery(ctx, id)
        if (!found) throw new CommandError(`there is no delivery ${id}`)
        const { delivery, attempts } = found
        const payload = delivery.payload === null ? null : JSON.parse(delivery.payload)
        const attemptsMade = attempts.map(presentAttempt)
        printDelivery(command, { ...presentDelivery(delivery), payload, attemptsMade })
      }),
    there: async (remote, id: string, _options: object, command: CliCommand) =>
      printDelivery(command, await findThere(remote, id, command)),
  })
  const resend = webhook
    .command('resend <id>')
    .description('send a delivery once more, or, of an endpoint, all that were given up')
    .option('--failed', 'the id is that of an endpoint')
    .option('--since <time>', 'those that were given up since then: ISO 8601, or 30m, 12h, 7d')
  eitherWay(resend, { here: resendHere, there: resendThere })
}

function listHere(id: string, { state, last }: ListOptions, command: CliCommand): Promise<void> {
  return withRealm(command, 'read', async (ctx) => {
    const rows = await listDeliveries(ctx, id, { ...(state && { state }), max: last })
    await printDeliveries(command, rows.map(presentDelivery))
  })
}

function listThere(
  remote: Remote,
  webhook: string,
  { state, last }: ListOptions,
  command: CliCommand,
): Promise<void> {
  const items = everyItem(remote, operations.list, { ...realmThere(command), webhook, state })
  return printDeliveries(command, firstOf(items, last))
}

type Delivery = z.output<typeof DeliveryView>

function printDeliveries(
  command: CliCommand,
  deliveries: AsyncIterable<Delivery> | Delivery[],
): Promise<void> {
  return printRows(command, deliveries, { present: showDelivery, lineOf: deliveryLine })
}

/** The delivery of that id, which a server finds at its endpoint alone. Throws `CommandError` when there is none. */
async function findThere(remote: Remote, delivery: string, command: CliCommand) {
  const at = realmThere(command)
  const { items } = await remote.perform(listEndpoints, at)
  for (const { id: webhook } of items) {
    try {
      return await remote.perform(operations.show, { ...at, webhook, delivery })
    } catch (error) {
      if (!(error instanceof ServerRefusal) || error.code !== 'not_found') throw error
    }
  }
  throw new CommandError(`there is no delivery ${delivery}`)
}

function printDelivery(
  command: CliCommand,
  {
    attemptsMade,
    payload,
    ...delivery
  }: Delivery & { payload?: unknown; attemptsMade: z.output<typeof AttemptView>[] },
): void {
  const shown = { ...showDelivery(delivery), payload: payload ?? undefined }
  const attempts = attemptsMade.map(withoutNulls)
  printResult(command, { ...shown, attempts }, [
    ...fieldLines(shown),
    ...attempts.flatMap((attempt) => ['', ...fieldLines(attempt)]),
  ])
}

function resendHere(id: string, { failed, since }: ResendOptions, command: CliCommand): Promise<void> {
  return withRealm(command, 'change', async (ctx) => {
    if (failed) {
      const from = since === undefined ? {} : { since: timeArgument(command.outside.now)(since) }
      if (!(await findWebhook(ctx, id))) throw new CommandError(`there is no webhook ${id}`)
      return printAllResent(command, { count: await resendFailed(ctx, id, from) })
    }
    if (!(await resendDelivery(ctx, id)))
      throw new CommandError(`there is no delivery ${id}, or nothing is kept of it`)
    printResent(command, id)
  })
}

async function resendThere(
  remote: Remote,
  id: string,
  { failed, since }: ResendOptions,
  command: CliCommand,
): Promise<void> {
  const at = realmThere(command)
  if (failed) {
    const from = since === undefined ? undefined : timeArgument(command.outside.now)(since)
    const input = { ...at, webhook: id, since: from === undefined ? undefined : new Date(from).toISOString() }
    return printAllResent(command, await remote.perform(operations.resendAll, input))
  }
  const { webhook } = await findThere(remote, id, command)
  await remote.perform(operations.resend, { ...at, webhook, delivery: id })
  printResent(command, id)
}

function printAllResent(command: CliCommand, { count: resent }: { count: number }): void {
  printResult(command, { resent }, [`deliveries that are sent once more: ${resent}`])
}

function printResent(command: CliCommand, id: string): void {
  printResult(command, { resent: 1 }, [`${id} is sent once more, within seconds`])
}

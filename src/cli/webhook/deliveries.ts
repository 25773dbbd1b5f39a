import { findDelivery, listDeliveries } from '../../core/webhooks/deliveries.ts'
import type { WebhookDeliveryRow } from '../../store/schema.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { withRealm } from '../realm.ts'
import { argument, countArgument } from '../terminal/arguments.ts'
import { fieldLines, printResult, printRows } from '../terminal/print.ts'
import { deliveryLine, presentAttempt, presentDelivery } from './present.ts'

type State = WebhookDeliveryRow['state']

const states: State[] = ['queued', 'waiting', 'delivered', 'failed']
const stateArgument = argument(
  (text) => states.find((state) => state === text),
  `It must be one of ${states.join(', ')}.`,
)

/** `webhook deliveries` and `webhook delivery`. */
export function defineDeliveries(webhook: CliCommand): void {
  webhook
    .command('deliveries <id>')
    .description('list what an endpoint was told and is to be, newest first')
    .option('--state <state>', `only these: ${states.join(', ')}`, stateArgument)
    .option('--last <count>', 'how many', countArgument, 50)
    .action(list)
  webhook.command('delivery <id>').description('show a delivery with what was sent and answered').action(show)
}

function list(
  id: string,
  { state, last }: { state?: State; last: number },
  command: CliCommand,
): Promise<void> {
  return withRealm(command, 'read', async (ctx) => {
    const rows = await listDeliveries(ctx, id, { ...(state && { state }), max: last })
    await printRows(command, rows, { present: presentDelivery, lineOf: deliveryLine })
  })
}

function show(id: string, _options: object, command: CliCommand): Promise<void> {
  return withRealm(command, 'read', async (ctx) => {
    const found = await findDelivery(ctx, id)
    if (!found) throw new CommandError(`there is no delivery ${id}`)
    const { payload } = found.delivery
    const shown = {
      ...presentDelivery(found.delivery),
      payload: payload === null ? undefined : JSON.parse(payload),
    }
    const attempts = found.attempts.map(presentAttempt)
    printResult(command, { ...shown, attempts }, [
      ...fieldLines(shown),
      ...attempts.flatMap((attempt) => ['', ...fieldLines(attempt)]),
    ])
  })
}

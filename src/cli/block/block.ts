import * as operations from '../../admin/operations/limits/blocks.ts'
import { addBlock, type Block, listBlocks, removeBlock } from '../../core/limits/blocks.ts'
import { canonicalRange } from '../../lib/ip.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealm } from '../realm.ts'
import { byOperation } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { argument, durationArgument } from '../terminal/arguments.ts'
import { fieldText, printResult, printRows } from '../terminal/print.ts'

const rangeArgument = argument(
  (text) => canonicalRange(text)?.text,
  'It must be an IP address, or a range such as 203.0.113.0/24.',
)

const reasonArgument = argument(
  (text) => (text.trim() === '' || text.length > 200 ? undefined : text.trim()),
  'It must have 1 to 200 characters.',
)

interface AddOptions {
  reason: string
  for: number
}

/** `block …`: addresses that nobody is answered at. Running servers know of a change within seconds. */
export function defineCommand(block: CliCommand): void {
  block.addOption(realmOption())
  const blockAdd = block
    .command('add')
    .description('answer nobody at an IP address or in a CIDR range, as if a limit were used up')
    .argument('<range>', 'such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48', rangeArgument)
    .requiredOption('--reason <text>', 'why; other operators see it', reasonArgument)
    .option(
      '--for <time>',
      'how long, at most 30d (default: 1 day)',
      durationArgument({ min: '1m', max: '30d' }),
      24 * 60 * 60,
    )
  eitherWay(blockAdd, {
    here: add,
    there: byOperation(operations.add, {
      input: (range: string, { reason, for: seconds }: AddOptions) => ({
        range,
        reason,
        hours: Math.ceil(seconds / 3600),
      }),
      print: (command, block) => printAdded(command, presentView(block)),
    }),
  })
  const blockList = block.command('list').description('list what is blocked, the newest first')
  eitherWay(blockList, {
    here: (_options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        await printRows(command, await listBlocks(ctx), { present, lineOf: fieldText })
      }),
    there: byOperation(operations.list, {
      print: (command, { items }) => printRows(command, items, { present: presentView, lineOf: fieldText }),
    }),
  })
  const blockRemove = block
    .command('remove')
    .description('answer at a range again')
    .argument('<range>', 'as it was blocked', rangeArgument)
  eitherWay(blockRemove, {
    here: remove,
    there: byOperation(operations.remove, { input: (range: string) => ({ range }), print: printRemoved }),
  })
}

async function add(range: string, options: AddOptions, command: CliCommand): Promise<void> {
  await withRealm(command, 'change', async (ctx) => {
    const { reason, for: seconds } = options
    const block = await addBlock(ctx, { range, reason, endsAt: ctx.now() + seconds * 1000 })
    printAdded(command, present(block))
  })
}

async function remove(range: string, _options: object, command: CliCommand): Promise<void> {
  await withRealm(command, 'change', async (ctx) => {
    if (!(await removeBlock(ctx, range))) throw new CommandError(`${range} is not blocked`)
    printRemoved(command, {}, range)
  })
}

function printAdded(command: CliCommand, block: ReturnType<typeof present>): void {
  printResult(command, block, [`${block.range} is blocked until ${block.endsAt}`])
}

function printRemoved(command: CliCommand, _answer: object, range: string): void {
  printResult(command, { range, removed: true }, [`${range} is not blocked any more`])
}

function present({ range, reason, actor, createdAt, endsAt }: Block) {
  return {
    range,
    endsAt: new Date(endsAt).toISOString(),
    reason,
    actor,
    createdAt: new Date(createdAt).toISOString(),
  }
}

/** A server tells times as the commands do. */
function presentView({ range, endsAt, reason, actor, createdAt }: ReturnType<typeof present>) {
  return { range, endsAt, reason, actor, createdAt }
}

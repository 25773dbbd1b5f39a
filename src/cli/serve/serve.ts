import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import { Option } from 'commander'
import type { Config } from '../../config/config.ts'
import { compactHeap } from '../../lib/compact-heap.ts'
import { announce } from '../../server/banner.ts'
import { createLog } from '../../server/log.ts'
import type { CliCommand } from '../cli-command.ts'
import type { Outside } from '../outside.ts'
import { argument } from '../terminal/arguments.ts'
import { readConfigFor } from '../with-core.ts'
import { logLastWords } from './last-words.ts'
import { startUntilSignal } from './start-until-signal.ts'
import { serveAsWorker, slotArgument, type WorkerSlot } from './worker.ts'
import { serveWithWorkers } from './workers.ts'

interface ServeOptions {
  workers: number
  /** Given by the first process to those that it starts. */
  worker?: WorkerSlot
}

/** `serve`: the server, until a signal ends it; with `--workers`, as several processes that share the port. */
export function defineCommand(command: CliCommand): void {
  command
    .option(
      '--workers <number>',
      'how many processes share the port; more than one need PostgreSQL',
      argument(readWorkers, 'It must be a number from 1 to 999.'),
      1,
    )
    .addOption(new Option('--worker <slot>').argParser(slotArgument).hideHelp())
    .action((options: ServeOptions, command: CliCommand) =>
      serve(options, readConfigFor(command), command.outside),
    )
}

async function serve({ workers, worker }: ServeOptions, config: Config, outside: Outside): Promise<void> {
  logLastWords(createLog(config, undefined, outside))
  if (worker && cluster.isWorker) return serveAsWorker(config, worker)
  if (workers > 1)
    return serveWithWorkers(config, { ...outside, wanted: workers, cores: availableParallelism() })
  const server = await startUntilSignal(config)
  if (!server) return
  compactHeap()
  outside.stdout.write(announce(server))
}

function readWorkers(text: string): number | undefined {
  return /^[1-9]\d{0,2}$/.test(text) ? Number(text) : undefined
}

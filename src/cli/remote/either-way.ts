import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { openRemote, type Remote } from './remote.ts'
import { isForServer } from './server-place.ts'

// biome-ignore lint/suspicious/noExplicitAny: Commander hands on what the arguments of a command are
type Action = (...given: any[]) => Promise<void>
// biome-ignore lint/suspicious/noExplicitAny: likewise
type RemoteAction = (remote: Remote, ...given: any[]) => Promise<void>

const remotely = new WeakSet<CliCommand>()

/** Gives a command its action on this machine, and the one at a running server, where `--server` names one. */
export function eitherWay(command: CliCommand, { here, there }: { here: Action; there: RemoteAction }): void {
  remotely.add(command)
  command.action(async (...given: unknown[]) =>
    isForServer(command) ? there(openRemote(command), ...given) : here(...given),
  )
}

/** Throws `CommandError` for a command that is to work at a running server, and cannot. */
export function refuseRemote(command: CliCommand): void {
  if (remotely.has(command) || !isForServer(command)) return
  throw new CommandError(
    `${nameOf(command)} works on the node only: run it there, without --server and MANYDOORS_SERVER`,
  )
}

function nameOf(command: CliCommand): string {
  const names: string[] = []
  for (let each = command.parent && command; each?.parent; each = each.parent as CliCommand)
    names.unshift(each.name())
  return names.join(' ')
}

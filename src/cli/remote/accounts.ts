import {
  disable,
  type enable,
  endSessions,
  erase,
  sendResetLink,
} from '../../admin/operations/accounts/actions.ts'
import { list } from '../../admin/operations/accounts/list.ts'
import { show } from '../../admin/operations/accounts/show.ts'
import { end, list as listSessions } from '../../admin/operations/sessions/sessions.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { confirm } from '../terminal/ask.ts'
import { fieldLines, fieldText, printResult, printRows } from '../terminal/print.ts'
import { everyItem, type Remote } from './remote.ts'

type Given = Record<string, unknown>

/** The realm that a command names at a running server, which cannot say which one is the only one. */
export function realmThere(command: CliCommand): { realm: string } {
  const { realm = 'main' } = command.optsWithGlobals<{ realm?: string }>()
  return { realm }
}

/** Throws `CommandError` where a command was given options that it has on the node alone. */
export function refuseOptions(given: Given, names: string[]): void {
  const used = names.find((name) => given[name] !== undefined)
  if (used === undefined) return
  const option = used.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new CommandError(`--${option} works on the node only: leave out --server and MANYDOORS_SERVER`)
}

/** The account of that id, e-mail address, user name or phone number. Throws `CommandError` when there is none. */
async function find(remote: Remote, command: CliCommand, name: string) {
  const at = realmThere(command)
  const wanted = name.trim().toLowerCase()
  for await (const item of everyItem(remote, list, { ...at, q: name }))
    if ([item.id, item.email, item.username, item.phone].some((own) => own?.toLowerCase() === wanted))
      return { at, id: item.id, name: item.email ?? item.username ?? item.phone ?? item.id }
  throw new CommandError(`realm ${at.realm} has no account ${name}`)
}

/** `account list` at a running server: the newest first. */
export async function listThere(remote: Remote, options: Given, command: CliCommand): Promise<void> {
  refuseOptions(options, ['since', 'password'])
  const state = options.disabled ? 'disabled' : undefined
  const items = everyItem(remote, list, { ...realmThere(command), q: options.email, state })
  await printRows(command, items, {
    present: (item) => item,
    lineOf: ({ id, createdAt, isDisabled, email, username, phone }) =>
      fieldText(
        given({ id, createdAt, state: isDisabled ? 'disabled' : 'enabled ', email, username, phone }),
      ),
  })
}

/** `account show` at a running server. */
export async function showThere(
  remote: Remote,
  name: string,
  _options: object,
  command: CliCommand,
): Promise<void> {
  const { at, id } = await find(remote, command, name)
  const shown = await remote.perform(show, { ...at, account: id })
  printResult(command, shown, fieldLines(given(shown)))
}

/** `account disable` and `account enable` at a running server. */
export function switchThere(operation: typeof disable | typeof enable, done: string) {
  return async (remote: Remote, name: string, { reason }: Given, command: CliCommand): Promise<void> => {
    const { at, id } = await find(remote, command, name)
    await remote.perform(operation, { ...at, account: id, reason })
    printResult(command, { id, disabled: operation === disable, wasChanged: true }, [`${id} ${done}`])
  }
}

/** `account delete` at a running server. */
export async function deleteThere(
  remote: Remote,
  name: string,
  { yes, reason }: Given,
  command: CliCommand,
): Promise<void> {
  const { at, id, name: called } = await find(remote, command, name)
  const question = `Delete ${id} (${called}) and everything stored about the person?`
  if (!yes && !(await confirm(command.outside, question))) throw new CommandError('nothing was deleted')
  const { pseudonym } = await remote.perform(erase, { ...at, account: id, name: called, reason })
  printResult(command, { id, deleted: true, pseudonym }, [
    `${id} is deleted; the audit trail knows it as ${pseudonym}`,
  ])
}

/** `account reset` at a running server, which hands out no link. */
export async function resetThere(
  remote: Remote,
  name: string,
  options: Given,
  command: CliCommand,
): Promise<void> {
  refuseOptions(options, ['printLink'])
  const { at, id, name: called } = await find(remote, command, name)
  await remote.perform(sendResetLink, { ...at, account: id })
  printResult(command, { id, sentTo: called }, [`a mail to ${called} waits to be sent`])
}

/** `account sessions` at a running server. */
export async function sessionsThere(
  remote: Remote,
  name: string,
  options: Given,
  command: CliCommand,
): Promise<void> {
  refuseOptions(options, ['all'])
  const { at, id } = await find(remote, command, name)
  if (options.endAll) {
    await remote.perform(endSessions, { ...at, account: id })
    return printResult(command, { id, ended: 'all' }, ['all sessions have ended'])
  }
  if (typeof options.end === 'string') {
    await remote.perform(end, { ...at, session: options.end })
    return printResult(command, { id, ended: options.end }, [`session ${options.end} has ended`])
  }
  await printRows(command, everyItem(remote, listSessions, { ...at, account: id }), {
    present: (item) => item,
    lineOf: ({ id, door, client, createdAt, lastUsedAt, ip, userAgent }) =>
      fieldText(given({ id, door, client, createdAt, lastUsedAt, ip, userAgent })),
  })
}

/** The fields that have a value. */
function given(fields: Given): Given {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}

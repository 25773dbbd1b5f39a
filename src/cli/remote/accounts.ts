import type { z } from 'zod'
import { endSessions, erase, sendResetLink } from '../../admin/operations/accounts/actions.ts'
import { exportData } from '../../admin/operations/accounts/export.ts'
import { list } from '../../admin/operations/accounts/list.ts'
import { show } from '../../admin/operations/accounts/show.ts'
import type { Operation } from '../../admin/operations/operation.ts'
import { end, list as listSessions } from '../../admin/operations/sessions/sessions.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { confirm } from '../terminal/ask.ts'
import { fieldLines, fieldText, printResult, printRows, writeOut } from '../terminal/print.ts'
import { realmThere, refuseOptions, withoutNulls } from './by-operation.ts'
import { everyItem, type Remote } from './remote.ts'

type Given = Record<string, unknown>

/** An account as it is found at a running server. */
interface Found {
  at: { realm: string }
  id: string
  email: string | null
  /** A name of it. */
  name: string
}

/** The account of that id, e-mail address, user name or phone number. Throws `CommandError` where there are none or two. */
async function find(remote: Remote, command: CliCommand, name: string): Promise<Found> {
  const at = realmThere(command)
  const wanted = name.trim().toLowerCase()
  const found = []
  for await (const item of everyItem(remote, list, { ...at, q: name })) {
    const { id, email, username, phone } = item
    if ([id, email, username, phone].some((own) => own?.toLowerCase() === wanted)) found.push(item)
    // Whoever is called so comes before those whose names only begin so.
    else if (found.length > 0) break
  }
  const [item, other] = found
  if (!item) throw new CommandError(`realm ${at.realm} has no account ${name}`)
  if (other)
    throw new CommandError(`${name} is the id of one account and a name of another: say another name`)
  const { id, email, username, phone } = item
  return { at, id, email, name: email ?? username ?? phone ?? id }
}

/** What a command does at a running server by one operation on the account that is its argument, for a reason. */
export function onAccountThere<Out extends z.ZodType>(
  operation: Operation<z.ZodType, Out>,
  print: (command: CliCommand, account: Found) => void,
) {
  return async (remote: Remote, name: string, { reason }: Given, command: CliCommand): Promise<void> => {
    const account = await find(remote, command, name)
    await remote.perform(operation, { ...account.at, account: account.id, reason })
    print(command, account)
  }
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
        withoutNulls({ id, createdAt, state: isDisabled ? 'disabled' : 'enabled ', email, username, phone }),
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
  printResult(command, shown, fieldLines(withoutNulls(shown)))
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
      fieldText(withoutNulls({ id, door, client, createdAt, lastUsedAt, ip, userAgent })),
  })
}

/** `account export` of one account at a running server: as JSON whether or not that is asked for. */
export async function exportThere(
  remote: Remote,
  name: string,
  options: Given,
  command: CliCommand,
): Promise<void> {
  refuseOptions(options, ['all', 'output'])
  const { at, id } = await find(remote, command, name)
  const { reason } = options
  for await (const part of remote.download(exportData, { ...at, account: id, reason }))
    await writeOut(command.outside.stdout, part)
}

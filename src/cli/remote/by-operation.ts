import type { z } from 'zod'
import type { Operation } from '../../admin/operations/operation.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Remote } from './remote.ts'

type Fields = Record<string, unknown>

/**
 * What a command does at a running server by one operation: `input` makes its fields of the arguments and options, beside
 * the realm and the reason, and refuses what the operation cannot do; `print` shows what it answers.
 */
export function byOperation<Out extends z.ZodType, Given extends unknown[]>(
  operation: Operation<z.ZodType, Out>,
  {
    input = () => ({}),
    print,
  }: {
    input?: (...given: Given) => Fields | Promise<Fields>
    print: (command: CliCommand, answer: z.output<Out>, ...given: Given) => void | Promise<void>
  },
) {
  return async (remote: Remote, ...given: [...Given, ...unknown[]]): Promise<void> => {
    // Commander hands a command on behind its arguments and options.
    const command = given.at(-1) as CliCommand
    const named = given.slice(0, -1) as unknown[] as Given
    const { reason } = command.opts<{ reason?: string }>()
    const fields = { ...realmThere(command), reason, ...(await input(...named)) }
    await print(command, await remote.perform(operation, fields), ...named)
  }
}

/** The realm that a command names at a running server, which cannot say which one is the only one. */
export function realmThere(command: CliCommand): { realm: string } {
  const { realm = 'main' } = command.optsWithGlobals<{ realm?: string }>()
  return { realm }
}

/** Throws `CommandError` where a command was given options that it has on the node alone. */
export function refuseOptions(given: object, names: string[]): void {
  const used = names.find((name) => (given as Fields)[name] !== undefined)
  if (used === undefined) return
  const option = used.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new CommandError(`--${option} works on the node only: leave out --server and MANYDOORS_SERVER`)
}

/** The fields of an answer that have a value, as commands on a node show them. */
export function withoutNulls<Answer extends object>(
  answer: Answer,
): {
  [Name in keyof Answer]: null extends Answer[Name] ? Exclude<Answer[Name], null> | undefined : Answer[Name]
} {
  const given = Object.entries(answer).filter(([, value]) => value !== null)
  return Object.fromEntries(given) as ReturnType<typeof withoutNulls<Answer>>
}

/** A length of time in hours. Throws `CommandError` where an operation, which takes hours, would make another one of it. */
export function hoursOf(option: string, seconds: number): number {
  if (seconds % 3600 === 0) return seconds / 3600
  throw new CommandError(`${option} is in whole hours at a running server`)
}

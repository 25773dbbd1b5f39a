import type { RealmContext } from '../../core/context.ts'
import { OperatorError } from '../../core/operators/operator-error.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Access } from '../opening.ts'
import { asCommand } from '../realm.ts'
import { withCore } from '../with-core.ts'

/** Runs a command's work on the realm of the operators, with the reason that it was given; what is refused there is said in words. */
export async function withOperators(
  command: CliCommand,
  access: Access,
  work: (ctx: RealmContext) => Promise<void>,
): Promise<void> {
  try {
    await withCore(command, access, ({ operators }) => work(asCommand(command, operators)))
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    throw new CommandError(refusals[error.code] ?? error.message)
  }
}

const refusals: Partial<Record<OperatorError['code'], string>> = {
  last_owner: 'this is the last owner: invite another one first',
  conflict: 'nothing was changed: that is how it was already',
  not_found: 'there is no such thing, or no more',
}

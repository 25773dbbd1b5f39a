import { mayRecover } from '../../core/accounts/proven-names.ts'
import { senderOf } from '../../core/accounts/sender.ts'
import type { RealmContext } from '../../core/context.ts'
import { issueResetByHand, sendReset } from '../../core/recovery/by-mail.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { printResult } from '../terminal/print.ts'

const lifetimeSeconds = 60 * 60

/** `account reset`: a link to a page of ours where the owner sets a new password. */
export function resetCommand(account: CliCommand): void {
  account
    .command('reset <account>')
    .description('mail the owner of an account a link to set a new password')
    .option('--print-link', 'print the link instead, to hand it over in another way')
    .action(
      onAccount<{ printLink?: boolean }>('change', async (ctx, account, { options, command }) => {
        if (account.disabled_at !== null) throw new CommandError(`${account.id} is disabled: enable it first`)
        const { result, line } = options.printLink
          ? await makeLink(ctx, account)
          : await sendMail(ctx, account)
        printResult(command, { id: account.id, ...result }, [line])
      }),
    )
}

async function makeLink(ctx: RealmContext, { id }: AccountRow) {
  const token = await issueResetByHand(ctx, id, lifetimeSeconds)
  if (token === undefined) throw new CommandError(`${id} was deleted or disabled meanwhile`)
  const link = linkTo(ctx, token)
  const expiresAt = new Date(ctx.now() + lifetimeSeconds * 1000).toISOString()
  return { result: { link, expiresAt }, line: link }
}

async function sendMail(ctx: RealmContext, account: AccountRow) {
  const { id, email } = account
  if (email === null) throw new CommandError(`${id} has no e-mail address: use --print-link`)
  if (!mayRecover(ctx, account, 'email'))
    throw new CommandError(`${email} of ${id} is not verified: use --print-link`)
  const sender = await senderOf(ctx, account)
  await sendReset(ctx, { id, email }, { link: linkTo(ctx, '{token}'), lifetimeSeconds, ...sender })
  return { result: { sentTo: email }, line: `a mail to ${email} waits to be sent by a running server` }
}

function linkTo(ctx: RealmContext, token: string): string {
  return `${ctx.publicUrl}/ui/reset-password?token=${token}`
}

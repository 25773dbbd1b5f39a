import { InvalidArgumentError } from 'commander'
import { createAccountByHand } from '../../core/accounts/admin.ts'
import { presentAccount } from '../../core/accounts/present.ts'
import { usernameProblem } from '../../core/accounts/usernames.ts'
import { lettersAndDigits, randomText } from '../../core/keys/random-text.ts'
import { lineField } from '../../http/fields.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { withRealm } from '../realm.ts'
import { emailArgument, phoneArgument } from '../terminal/arguments.ts'
import { askPassword } from '../terminal/ask.ts'
import { fieldLines, printResult } from '../terminal/print.ts'

interface Options {
  email?: string
  username?: string
  phone?: string
  generate?: boolean
  verified?: boolean
}

const usernameRules = {
  unseen: 'It must have visible characters only.',
  another_kind: 'It must not look like an e-mail address, a phone number or an id.',
}

/** About 119 bits. */
const generatedLength = 20

/** `account create`: the password comes from standard input or is made, and is never an argument. */
export function createCommand(account: CliCommand): void {
  account
    .command('create')
    .description('create an account; its password is read from standard input')
    .option('--email <address>', 'its e-mail address', emailArgument)
    .option('--username <name>', 'its user name, without @', readUsername)
    .option('--phone <number>', 'its phone number, such as +4791234567', phoneArgument)
    .option('--generate', 'generate a password and print it')
    .option('--verified', 'mark e-mail and phone as verified')
    .action((options: Options, command: CliCommand) => create(options, command))
}

async function create(options: Options, command: CliCommand): Promise<void> {
  const { email, username, phone, generate, verified } = options
  if (email === undefined && username === undefined && phone === undefined)
    throw new CommandError('give --email, --username or --phone: nobody could sign in otherwise')
  const typed = generate ? undefined : await askPassword(command.outside)
  await withRealm(command, 'change', async (ctx) => {
    const password = typed ?? randomText(ctx, lettersAndDigits, generatedLength)
    const provenAt = verified ? ctx.now() : undefined
    const account = await createAccountByHand(ctx, { email, username, phone, password, provenAt })
    const created = { ...presentAccount(account), ...(typed === undefined && { password }) }
    printResult(command, created, fieldLines(created))
  })
}

function readUsername(text: string): string {
  const name = lineField({ min: 2, max: 50, message: '' }).safeParse(text)
  if (!name.success || text.includes('@'))
    throw new InvalidArgumentError('It must have 2 to 50 characters, and no @ among them.')
  const problem = usernameProblem(name.data)
  if (problem) throw new InvalidArgumentError(usernameRules[problem])
  return name.data
}

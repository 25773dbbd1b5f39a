import { InvalidArgumentError, Option } from 'commander'
import * as operations from '../../admin/operations/accounts/create.ts'
import { createAccountByHand, createAccountWithoutPassword } from '../../core/accounts/admin.ts'
import { presentAccount } from '../../core/accounts/present.ts'
import { usernameProblem } from '../../core/accounts/usernames.ts'
import { lettersAndDigits, randomText } from '../../core/keys/random-text.ts'
import { lineField } from '../../http/fields.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { withRealm } from '../realm.ts'
import { byOperation, refuseOptions, withoutNulls } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { emailArgument, phoneArgument } from '../terminal/arguments.ts'
import { askPassword } from '../terminal/ask.ts'
import { fieldLines, printResult } from '../terminal/print.ts'
import { reasonOption } from './reason.ts'

interface Options {
  email?: string
  username?: string
  phone?: string
  generate?: boolean
  withoutPassword?: boolean
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
  const create = account
    .command('create')
    .description('create an account; its password is read from standard input')
    .option('--email <address>', 'its e-mail address', emailArgument)
    .option('--username <name>', 'its user name, without @', readUsername)
    .option('--phone <number>', 'its phone number, such as +4791234567', phoneArgument)
    .option('--generate', 'generate a password and print it')
    .addOption(
      new Option('--without-password', 'its owner chooses one by a link or a code').conflicts('generate'),
    )
    .option('--verified', 'mark e-mail and phone as verified')
    .addOption(reasonOption())
  eitherWay(create, { here: createHere, there: byOperation(operations.create, { input, print }) })
}

async function createHere(options: Options, command: CliCommand): Promise<void> {
  checkNames(options)
  const { email, username, phone, generate, withoutPassword, verified } = options
  const typed = generate || withoutPassword ? undefined : await askPassword(command.outside)
  await withRealm(command, 'change', async (ctx) => {
    const fields = { email, username, phone, provenAt: verified ? ctx.now() : undefined }
    if (withoutPassword)
      return print(command, presentAccount(await createAccountWithoutPassword(ctx, fields)))
    const password = typed ?? randomText(ctx, lettersAndDigits, generatedLength)
    const account = await createAccountByHand(ctx, { ...fields, password })
    print(command, { ...presentAccount(account), ...(typed === undefined && { password }) })
  })
}

/** Throws `CommandError` where it is to have a password, which no operator sets from elsewhere. */
function input(options: Options): Record<string, unknown> {
  refuseOptions(options, ['generate'])
  checkNames(options)
  const { email, username, phone, withoutPassword, verified: isProven } = options
  if (!withoutPassword)
    throw new CommandError('a server is told no password from elsewhere: give --without-password')
  return { email, username, phone, isProven }
}

/** Throws `CommandError` where nobody could get in. */
function checkNames({ email, username, phone, withoutPassword }: Options): void {
  if (email !== undefined || phone !== undefined || (username !== undefined && !withoutPassword)) return
  throw new CommandError(
    withoutPassword
      ? 'give --email or --phone: a first password is chosen by these'
      : 'give --email, --username or --phone: nobody could sign in otherwise',
  )
}

function print(command: CliCommand, account: object): void {
  const created = withoutNulls(account)
  printResult(command, created, fieldLines({ ...created }))
}

function readUsername(text: string): string {
  const name = lineField({ min: 2, max: 50, message: '' }).safeParse(text)
  if (!name.success || text.includes('@'))
    throw new InvalidArgumentError('It must have 2 to 50 characters, and no @ among them.')
  const problem = usernameProblem(name.data)
  if (problem) throw new InvalidArgumentError(usernameRules[problem])
  return name.data
}

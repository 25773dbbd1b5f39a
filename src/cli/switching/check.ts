import { createInterface } from 'node:readline/promises'
import { type Identifier, readIdentifier } from '../../core/accounts/identifiers.ts'
import { readPhone } from '../../core/accounts/phones.ts'
import type { RealmContext } from '../../core/context.ts'
import { knownHere } from '../../core/switching/known-here.ts'
import { isSendable } from '../../upstream/check-password.ts'
import { type AskedStep, examineOldServer, findingsIn, isProblem } from '../../upstream/examination.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { realmOption } from '../realm.ts'
import { countArgument } from '../terminal/arguments.ts'
import { askUnseen } from '../terminal/ask.ts'
import { printResult } from '../terminal/print.ts'
import { readConfigFor, realmNamed, withCore } from '../with-core.ts'
import { checkLines, presentAsked } from './check-text.ts'
import { type ConfiguredOldServer, configuredOldServer } from './configured-old-server.ts'

interface Options {
  as: string
  realm?: string
  wrong: number
}

/** `switching check`: asks an old server as sign-ins would, and says whether they would work. */
export function addCheckCommand(parent: CliCommand): void {
  parent
    .command('check [dialect]')
    .description(
      'ask the old server of a door for a password that is known; exit code 1 when sign-ins would not work',
    )
    .addOption(realmOption())
    .requiredOption(
      '--as <name>',
      'the e-mail address, user name or phone number of an account there; its password is typed unseen, or a line of standard input',
    )
    .option('--wrong <count>', 'how often it is asked for a wrong one, to find its limit', countArgument, 6)
    .action(check)
}

async function check(
  dialect: string | undefined,
  { as, realm, wrong }: Options,
  command: CliCommand,
): Promise<void> {
  const config = readConfigFor(command)
  const configured = configuredOldServer(config, { realm, dialect })
  const identifier = identifierIn(as)
  const password = await readPassword(command.outside)
  if (!isSendable({ identifier, password }))
    throw new CommandError('the name or the password holds what no old server is sent')
  const question = { identifier, password, wrongs: wrong }
  const { asked, here } = await withCore(command, 'read', async (core) => {
    const ctx = realmNamed(core, configured.realm)
    const asked = await ask(ctx, configured, question)
    const { answer } = asked[0] ?? {}
    if (answer?.outcome !== 'right') return { asked }
    return { asked, here: await knownHere(ctx, { identifier, dialect: configured.dialect, answer }) }
  })
  const findings = findingsIn(asked)
  const works = !findings.some(isProblem) && here !== 'other_account'
  const { switching, realm: name, dialect: door } = configured
  const { upstream } = switching
  const answers = asked.map(presentAsked)
  const result = { realm: name, dialect: door, upstream, works, asked: answers, findings, here }
  const now = command.outside.now()
  printResult(command, result, checkLines(configured, { asked, findings, here, works, now }))
  if (!works) command.outside.exitCode = 1
}

async function ask(
  { randomBytes }: RealmContext,
  { switching, open }: ConfiguredOldServer,
  question: { identifier: Identifier; password: string; wrongs: number },
): Promise<AskedStep[]> {
  const oldServer = open(randomBytes)
  try {
    const unknown = () => {
      const name = `nobody${randomBytes(8).toString('hex')}`
      return 'username' in question.identifier ? { username: name } : { email: `${name}@example.com` }
    }
    return await examineOldServer(oldServer, {
      ...question,
      unknown,
      wrongPassword: randomBytes(12).toString('base64url'),
      forwardAddress: switching.forwardAddress,
      now: () => performance.now(),
    })
  } finally {
    await oldServer.close()
  }
}

/** As it was typed, but for a number, which is told by how it begins. */
function identifierIn(text: string): Identifier {
  const phone = text.startsWith('+') ? readPhone(text) : undefined
  return phone === undefined ? readIdentifier(text) : { phone }
}

async function readPassword(outside: Outside): Promise<string> {
  if (outside.stdin.isTTY) return needed(await askUnseen(outside, 'Password there: '))
  const reader = createInterface({ input: outside.stdin })
  for await (const line of reader) {
    reader.close()
    return needed(line)
  }
  return needed('')
}

function needed(password: string): string {
  if (password === '') throw new CommandError('there is no password: pipe a line with it in')
  return password
}

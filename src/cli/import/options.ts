import { readFile } from 'node:fs/promises'
import { Option } from 'commander'
import { parse, YAMLParseError } from 'yaml'
import type { FormatOptions, ImportFormat } from '../../imports/format.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { argument } from '../terminal/arguments.ts'
import { readSecrets } from './secrets.ts'

/** What `import` and `import convert` are told of the files. */
export interface ReadingOptions {
  source?: string
  verified: 'keep' | 'none'
  hashParams?: string
  secret?: string[]
  map?: string
  timeZone?: string
}

/** Gives a command the options that say how files are to be read. */
export function addReadingOptions(command: CliCommand): void {
  command
    .option('--source <name>', 'what the old system is called here (default: the format)', sourceArgument)
    .addOption(
      new Option('--verified <what>', 'what the old system calls verified: believe it, or nothing of it')
        .choices(['keep', 'none'])
        .default('keep'),
    )
    .option('--hash-params <file>', 'the parameters that all hashes share, as Firebase shows them')
    .option(
      '--secret <name>',
      'a secret of the old system, such as pepper or APP_KEY: read from the environment variable of that name, ' +
        'or else a line of standard input; give it again for more',
      (name: string, given: string[] = []) => [...given, name],
    )
    .option('--map <file>', 'YAML: which field of the files is which of ours')
    .option('--time-zone <zone>', 'of times that name none, such as Europe/Oslo (default: UTC)', zoneArgument)
}

/** What these options say, with the files that they name read. Throws `CommandError`. */
export async function readFormatOptions(
  command: CliCommand,
  format: ImportFormat,
  options: ReadingOptions,
): Promise<FormatOptions> {
  const { source, verified, hashParams, secret = [], map, timeZone } = options
  return {
    source,
    verified,
    timeZone,
    now: command.outside.now(),
    ...(hashParams !== undefined && { hashParameters: await textOf(hashParams) }),
    ...(map !== undefined && { map: await readMap(map) }),
    secrets: await readSecrets(command.outside, format, secret),
  }
}

const sourceArgument = argument(
  (text) => (/^[a-z0-9._-]{1,64}$/.test(text) ? text : undefined),
  'It must be 1 to 64 small letters, digits, dots, dashes and underscores.',
)

const zoneArgument = argument((text) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) && text
  } catch {
    return undefined
  }
}, 'It must be a time zone, such as Europe/Oslo.')

async function readMap(path: string): Promise<Record<string, unknown>> {
  const map = parsed(path, await textOf(path))
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new CommandError(`${path} must be YAML with a field a line: ours, a colon, theirs`)
  return map as Record<string, unknown>
}

function parsed(path: string, text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw error instanceof YAMLParseError ? new CommandError(`${path}: ${error.message}`) : error
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

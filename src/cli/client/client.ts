import { buildClient } from '../../config/build-realm.ts'
import type { DialectManifest } from '../../config/dialect-manifest.ts'
import { clientSection } from '../../config/sections/client.ts'
import { type Finding, findingsOf, pathText } from '../../config/sources/findings.ts'
import {
  addClient,
  type KnownClient,
  listClients,
  newClientId,
  removeClient,
  rotateClientSecret,
} from '../../core/clients/admin.ts'
import type { Client } from '../../core/clients/client.ts'
import { manifests } from '../../dialects/manifests.ts'
import { openidManifest } from '../../openid/manifest/manifest.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealm } from '../realm.ts'
import { fieldLines, fieldText, printResult, printRows } from '../terminal/print.ts'
import { readConfigFor } from '../with-core.ts'

interface AddOptions {
  id?: string
  origin?: string[]
  redirectUri?: string[]
  frontEndUrl?: string
  name?: string
  setting?: Record<string, unknown>
}

/** `client …`: the apps of a realm. Those that the configuration declares are changed there. */
export function defineCommand(client: CliCommand): void {
  client.addOption(realmOption())
  client
    .command('list')
    .description('list all clients')
    .action((_options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        await printRows(command, await listClients(ctx), { present: presentClient, lineOf })
      }),
    )
  client
    .command('add <dialect>')
    .description('register an app; running servers load it within seconds')
    .option('--id <id>', 'its client id (default: generated in the form of the dialect)')
    .option('--name <name>', 'its name in mails and on pages (default: its id)')
    .option('--origin <origin...>', 'browser origins that may call the API')
    .option('--redirect-uri <url...>', 'redirect URIs to which a person may be sent with a one-time token')
    .option('--front-end-url <url>', "base of the app's own pages, to which mails lead")
    .option('--setting <json>', 'further client settings of the dialect', readObject)
    .action(add)
  client
    .command('remove <dialect> <id>')
    .description('remove an app that no configuration declares')
    .action(remove)
  client
    .command('secret <dialect> <id>')
    .description('rotate the secret of an app; the new one is shown only once')
    .action(rotate)
}

async function add(name: string, options: AddOptions, command: CliCommand): Promise<void> {
  const dialect = dialectNamed(name, [...manifests, openidManifest, ...readConfigFor(command).loadedDialects])
  const { clientIds } = dialect
  if (!clientIds) throw new CommandError(`${name} has a single client, which is set in manydoors.yaml`)
  await withRealm(command, 'change', async (ctx) => {
    const id = options.id ?? (await newClientId(ctx, name, clientIds))
    const client = readClient(dialect, { ...options, id })
    if (!(await addClient(ctx, client))) throw new CommandError(`${name} has a client ${id} already`)
    const added = presentClient({ ...client, isDeclared: false })
    printResult(command, added, fieldLines(added))
  })
}

async function remove(dialect: string, id: string, _options: object, command: CliCommand): Promise<void> {
  await withRealm(command, 'change', async (ctx) => {
    if (!(await removeClient(ctx, { dialect, id }))) {
      const isDeclared = (await listClients(ctx)).some(
        (known) => known.dialect === dialect && known.id === id,
      )
      throw new CommandError(
        isDeclared ? `the configuration declares ${dialect} ${id}: remove it there` : noClient(dialect, id),
      )
    }
    printResult(command, { dialect, id, removed: true }, [`${dialect} ${id} is removed`])
  })
}

async function rotate(dialect: string, id: string, _options: object, command: CliCommand): Promise<void> {
  await withRealm(command, 'change', async (ctx) => {
    const secret = await rotateClientSecret(ctx, { dialect, id })
    if (secret === undefined) throw new CommandError(noClient(dialect, id))
    printResult(command, { dialect, id, secret }, [secret])
  })
}

function noClient(dialect: string, id: string): string {
  return `there is no client ${id} of ${dialect}`
}

function dialectNamed(name: string, known: DialectManifest[]): DialectManifest {
  const dialect = known.find(({ door }) => door.dialect === name)
  if (dialect) return dialect
  throw new CommandError(`there is no dialect ${name}: ${known.map(({ door }) => door.dialect).join(', ')}`)
}

/** Holds it to the rules of the configuration. Throws `CommandError` with everything that is wrong. */
function readClient(dialect: DialectManifest, options: AddOptions & { id: string }): Client {
  const { id, origin, redirectUri, frontEndUrl, name, setting } = options
  const given = {
    id,
    kind: 'registered',
    origins: origin,
    redirectUris: redirectUri,
    frontEndUrl,
    brand: name === undefined ? undefined : { name },
    settings: setting,
  }
  const { data, error } = clientSection(dialect).safeParse(given)
  if (data) return buildClient({ ...data, brand: { name: id, ...data.brand } }, dialect, undefined)
  throw new CommandError(
    findingsOf(error.issues)
      .map((finding) => sentenceOf(finding, given))
      .join('\n'),
  )
}

/** The option that says each of these. */
const optionOf: Record<string, string> = {
  id: '--id',
  origins: '--origin',
  redirectUris: '--redirect-uri',
  frontEndUrl: '--front-end-url',
  brand: '--name',
  settings: '--setting',
}

function sentenceOf({ path, problem }: Finding, given: object): string {
  const [section, ...within] = path
  const shown = section === 'settings' ? pathText(within) : textAt(given, path)
  return [optionOf[String(section)], shown, problem].filter(Boolean).join(' ')
}

function textAt(given: object, path: PropertyKey[]): string | undefined {
  let value: unknown = given
  for (const step of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step]
  return typeof value === 'string' ? value : undefined
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {}
  throw new CommandError('--setting must be a JSON object')
}

function presentClient(client: KnownClient): Record<string, unknown> {
  const { secretSetAt, ...rest } = client
  return {
    ...rest,
    ...(secretSetAt !== undefined && { secretSetAt: new Date(secretSetAt).toISOString() }),
  }
}

function lineOf({ dialect, id, kind, origins, isDeclared }: Record<string, unknown>): string {
  return fieldText({ dialect, id, kind, from: isDeclared ? 'declared' : 'added', origins })
}

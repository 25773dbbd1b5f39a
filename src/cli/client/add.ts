import * as operations from '../../admin/operations/clients/clients.ts'
import type { DialectManifest } from '../../config/dialect-manifest.ts'
import { readClient } from '../../config/read-client.ts'
import type { Finding } from '../../config/sources/findings.ts'
import { addClient, clientNamed, newClientId, newClientSecret } from '../../core/clients/admin.ts'
import type { Client } from '../../core/clients/client.ts'
import type { RealmContext } from '../../core/context.ts'
import { needsSecret } from '../../core/openid/settings.ts'
import { manifests } from '../../dialects/manifests.ts'
import { openidManifest } from '../../openid/manifest/manifest.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { withRealm } from '../realm.ts'
import { byOperation, withoutNulls } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import { fieldLines, printResult } from '../terminal/print.ts'
import { readConfigFor } from '../with-core.ts'
import { presentClient, presentClientView } from './present.ts'
import { addSettingOptions, type SettingOptions, settingOptionOf, settingsOf } from './setting-options.ts'

interface AddOptions extends SettingOptions {
  id?: string
  origin?: string[]
  redirectUri?: string[]
  frontEndUrl?: string
  name?: string
}

/** `client add`: with a secret, where the client is one that shows a secret. */
export function defineAdd(client: CliCommand): void {
  const add = client
    .command('add <dialect>')
    .description('register an app; running servers load it within seconds')
    .option('--id <id>', 'its client id (default: generated in the form of the dialect)')
    .option('--name <name>', 'its name in mails and on pages (default: its id)')
    .option('--origin <origin...>', 'browser origins that may call the API')
    .option('--redirect-uri <url...>', 'redirect URIs to which a person may be sent with a one-time token')
    .option('--front-end-url <url>', "base of the app's own pages, to which mails lead")
  addSettingOptions(add)
  eitherWay(add, {
    here: addHere,
    there: byOperation(operations.add, {
      input: async (dialect: string, options: AddOptions) => {
        const { id, name, origin: origins, redirectUri: redirectUris, frontEndUrl } = options
        const settings = await settingsOf(options)
        return { dialect, id, name, origins, redirectUris, frontEndUrl, settings }
      },
      print: (command, { client, ...rest }) =>
        printAdded(command, { ...presentClientView(client), ...withoutNulls(rest) }),
    }),
  })
}

async function addHere(name: string, options: AddOptions, command: CliCommand): Promise<void> {
  const { mode, loadedDialects } = readConfigFor(command)
  const dialect = dialectNamed(name, [...manifests, openidManifest, ...loadedDialects])
  const { clientIds } = dialect
  if (!clientIds) throw new CommandError(`${name} has a single client, which is set in manydoors.yaml`)
  const settings = await settingsOf(options)
  await withRealm(command, 'change', async (ctx) => {
    if (dialect === openidManifest && !ctx.realm.openid) throw new CommandError(howToTurnOn(ctx))
    const id = options.id ?? (await newClientId(ctx, name, clientIds))
    const client = clientOf(dialect, { ...options, id, settings }, mode)
    const added = await addWithSecret(ctx, client)
    if (!added) throw new CommandError(`${name} has a client ${id} already`)
    printAdded(command, added)
  })
}

function printAdded(command: CliCommand, added: { secret?: string }): void {
  printResult(command, added, [
    ...fieldLines({ ...added }),
    ...(added.secret === undefined ? [] : ['', 'The secret is shown only now. Give it to the app.']),
  ])
}

function howToTurnOn({ realm }: RealmContext): string {
  return (
    `realm ${realm.name} has OpenID Connect off: write \`openid:\` below realms.${realm.name} ` +
    'in manydoors.yaml, and start the server anew (docs/openid.md)'
  )
}

/** The client as it is shown, once with its secret; `undefined` where its id is taken. */
async function addWithSecret(
  ctx: RealmContext,
  client: Client,
): Promise<(Record<string, unknown> & { secret?: string }) | undefined> {
  const isOpenid = client.dialect === openidManifest.door.dialect
  const secret = isOpenid && needsSecret(client) ? newClientSecret(ctx) : undefined
  if (!(await addClient(ctx, client, secret))) return undefined
  const known = await clientNamed(ctx, client)
  return {
    ...presentClient(known ?? { ...client, isDeclared: false }),
    ...(isOpenid && { issuer: ctx.publicUrl }),
    ...(secret !== undefined && { secret }),
  }
}

function dialectNamed(name: string, known: DialectManifest[]): DialectManifest {
  const dialect = known.find(({ door }) => door.dialect === name)
  if (dialect) return dialect
  throw new CommandError(`there is no dialect ${name}: ${known.map(({ door }) => door.dialect).join(', ')}`)
}

/** Holds it to the rules of the configuration. Throws `CommandError` with everything that is wrong. */
function clientOf(
  dialect: DialectManifest,
  {
    id,
    origin,
    redirectUri,
    frontEndUrl,
    name,
    settings,
    ...options
  }: AddOptions & { id: string; settings: object },
  mode: 'development' | 'production',
): Client {
  const given = { id, origins: origin, redirectUris: redirectUri, frontEndUrl, name, settings }
  const read = readClient(dialect, given, mode)
  if ('client' in read) return read.client
  throw new CommandError(
    read.findings.map((finding) => sentenceOf(finding, { ...given, brand: { name } }, options)).join('\n'),
  )
}

/** The option that says each of these. */
const optionOf: Record<string, string> = {
  id: '--id',
  origins: '--origin',
  redirectUris: '--redirect-uri',
  frontEndUrl: '--front-end-url',
  brand: '--name',
}

function sentenceOf({ path, problem }: Finding, given: object, options: SettingOptions): string {
  const [section, ...within] = path
  const { name, shown = textAt(given, path) } =
    section === 'settings' ? settingOptionOf(within, options) : { name: optionOf[String(section)] }
  return [name, shown, problem].filter(Boolean).join(' ')
}

function textAt(given: object, path: PropertyKey[]): string | undefined {
  let value: unknown = given
  for (const step of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step]
  return typeof value === 'string' ? value : undefined
}

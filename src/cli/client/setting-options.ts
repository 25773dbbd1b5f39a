import { readFile } from 'node:fs/promises'
import { Option } from 'commander'
import { pathText } from '../../config/sources/findings.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'

/** What a client is told beyond what all clients have: the settings that dialects know, by the words of a command line. */
export interface SettingOptions {
  setting?: Record<string, unknown>
  postLogoutRedirectUri?: string[]
  native?: true
  public?: true
  authMethod?: string
  jwks?: string
  jwksUri?: string
  grant?: string[]
  scope?: string[]
  thirdParty?: true
  backchannelLogoutUri?: string
  idTokenAlgorithm?: string
}

/** Adds them to a command. A dialect that does not know the setting behind one of them refuses it. */
export function addSettingOptions(add: CliCommand): void {
  add
    .option('--native', "it runs on a person's own machine: loopback redirect URIs may have any port")
    .option('--setting <json>', 'further client settings of the dialect', readObject)
    .optionsGroup('OpenID Connect (openid):')
    .option('--post-logout-redirect-uri <url...>', 'where a person may be sent after signing out')
    .addOption(
      new Option('--public', 'it can keep no secret, as an app in a browser or on a telephone').conflicts([
        'authMethod',
        'jwks',
        'jwksUri',
      ]),
    )
    .option(
      '--auth-method <method>',
      'how it shows who it is: client_secret_basic, client_secret_post, private_key_jwt or none (default: client_secret_basic, or private_key_jwt with keys)',
    )
    .option('--jwks <file>', 'its public keys, as a JSON Web Key Set')
    .option('--jwks-uri <url>', 'where its public keys are')
    .option(
      '--grant <grant...>',
      'how it gets tokens: authorization_code, refresh_token, client_credentials, device_code (default: the first two)',
    )
    .option('--scope <scope...>', 'what it may ask for (default: everything)')
    .option('--third-party', 'people are asked what it may do')
    .option('--backchannel-logout-uri <url>', 'where it is told that a session has ended')
    .option('--id-token-algorithm <algorithm>', 'RS256 or ES256 (default: RS256)')
}

/** The settings that the options come to. */
export async function settingsOf(options: SettingOptions): Promise<Record<string, unknown>> {
  const { setting, native, jwksUri, backchannelLogoutUri, idTokenAlgorithm } = options
  const jwks = options.jwks === undefined ? undefined : await readJson(options.jwks)
  const hasKeys = jwks !== undefined || jwksUri !== undefined
  const byKeys = hasKeys && setting?.authMethod === undefined ? 'private_key_jwt' : undefined
  const given = {
    native,
    authMethod: options.public ? 'none' : (options.authMethod ?? byKeys),
    jwks,
    jwksUri,
    grants: options.grant,
    scopes: options.scope,
    firstParty: options.thirdParty && false,
    postLogoutRedirectUris: options.postLogoutRedirectUri,
    backchannelLogoutUri,
    idTokenAlgorithm,
  }
  const wanted = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...setting, ...Object.fromEntries(wanted) }
}

/** The option that says each setting, where one does. */
const options: Record<string, [option: string, name: keyof SettingOptions][]> = {
  native: [['--native', 'native']],
  authMethod: [
    ['--auth-method', 'authMethod'],
    ['--public', 'public'],
  ],
  jwks: [['--jwks', 'jwks']],
  jwksUri: [['--jwks-uri', 'jwksUri']],
  grants: [['--grant', 'grant']],
  scopes: [['--scope', 'scope']],
  firstParty: [['--third-party', 'thirdParty']],
  postLogoutRedirectUris: [['--post-logout-redirect-uri', 'postLogoutRedirectUri']],
  backchannelLogoutUri: [['--backchannel-logout-uri', 'backchannelLogoutUri']],
  idTokenAlgorithm: [['--id-token-algorithm', 'idTokenAlgorithm']],
}

/** The option that has set what is at this path within the settings, and what is to be shown of that. */
export function settingOptionOf(
  path: PropertyKey[],
  given: SettingOptions,
): { name: string; shown?: string } {
  const [setting, ...within] = path
  const [name] = options[String(setting)]?.find(([, name]) => given[name] !== undefined) ?? []
  if (name === undefined) return { name: '--setting', shown: pathText(path) }
  if (name === '--public') return { name, shown: '' }
  // Of keys nothing is shown: one of them may be a secret.
  return setting === 'jwks' ? { name, shown: pathText(within) } : { name }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new CommandError(`--jwks ${file} cannot be read: ${reasonOf(error)}`)
  })
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandError(`--jwks ${file} is no JSON`)
  }
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {}
  throw new CommandError('--setting must be a JSON object')
}

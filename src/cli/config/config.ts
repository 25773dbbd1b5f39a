import type { Config } from '../../config/config.ts'
import { settingsSchema } from '../../config/json-schema.ts'
import { openidManifest } from '../../openid/manifest/manifest.ts'
import { checkTemplates } from '../../server/doctor/check-templates.ts'
import { readMasterKeys } from '../../server/master-key-file.ts'
import type { CliCommand } from '../cli-command.ts'
import { type GlobalOptions, readConfigFor } from '../with-core.ts'
import { addShowCommand } from './show.ts'

/** `config`: what may be set, and whether what is set can be used. */
export function defineCommand(config: CliCommand): void {
  const { stdout } = config.outside
  config
    .command('check')
    .description('check the settings as a start would, and report every problem')
    .action(async (_options: object, command: CliCommand) => {
      const { json } = command.optsWithGlobals<GlobalOptions>()
      const read = readConfigFor(command)
      await checkTemplates(read)
      // One that lies in the data folder, too.
      await readMasterKeys(read)
      const summary = summaryOf(read)
      stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : `${summaryText(summary)}\n`)
    })
  addShowCommand(config)
  config
    .command('schema')
    .description('print the JSON Schema of the settings file, for editors')
    .action(() => {
      stdout.write(`${JSON.stringify(settingsSchema(), null, 2)}\n`)
    })
}

/** What an operator wants to see of it; no secret is among that. */
function summaryOf({ mode, file, database, realms }: Config) {
  return {
    mode,
    file,
    database: database.engine,
    realms: realms.map(({ name, hosts, publicUrl, dialects, openid, clients }) => ({
      name,
      hosts,
      publicUrl,
      dialects: Object.keys(dialects),
      openid: openid !== undefined,
      clients: clients.map(({ dialect, id, kind }) => ({ dialect, id, kind })),
    })),
  }
}

function summaryText({ mode, file, database, realms }: ReturnType<typeof summaryOf>): string {
  return [
    `The settings of ${file ?? 'the environment'} can be used: ${mode}, on ${database}.`,
    ...realms.flatMap(({ name, hosts, publicUrl, dialects, openid, clients }) => [
      `  realm ${name}, ${publicUrl}${hosts.length > 0 ? `, at ${hosts.join(', ')}` : ''}`,
      ...[...dialects, ...(openid ? [openidManifest.door.dialect] : [])].map((dialect) => {
        const ids = clients.filter((client) => client.dialect === dialect).map(({ id }) => id)
        return `    ${dialect.padEnd(9)} ${ids.join(', ')}`.trimEnd()
      }),
    ]),
  ].join('\n')
}

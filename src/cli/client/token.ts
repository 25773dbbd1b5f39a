import type { RealmContext } from '../../core/context.ts'
import { makeInitialAccessToken } from '../../core/openid/initial-access-tokens.ts'
import { openidManifest } from '../../openid/manifest/manifest.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { withRealm } from '../realm.ts'
import { durationArgument } from '../terminal/arguments.ts'
import { printResult } from '../terminal/print.ts'

const day = 24 * 60 * 60

/** `client token`: lets somebody register clients by the protocol, where the realm wants a token for that. */
export function defineToken(client: CliCommand): void {
  client
    .command('token <dialect>')
    .description('make an initial access token, with which apps register themselves by OpenID Connect')
    .option(
      '--lifetime <time>',
      'how long it is good (default: 1d)',
      durationArgument({ min: '1m', max: '365d' }),
      day,
    )
    .action(async (dialect: string, { lifetime }: { lifetime: number }, command: CliCommand) => {
      if (dialect !== openidManifest.door.dialect)
        throw new CommandError(`apps of ${dialect} cannot register themselves`)
      await withRealm(command, 'change', async (ctx) => {
        const fault = faultOf(ctx)
        if (fault !== undefined) throw new CommandError(fault)
        const { token, expiresAt } = await makeInitialAccessToken(ctx, { lifetimeSeconds: lifetime })
        printResult(command, { token, expiresAt: new Date(expiresAt).toISOString() }, [token])
      })
    })
}

function faultOf({ realm }: RealmContext): string | undefined {
  const place = `openid.registration of realm ${realm.name}`
  const { registration = 'off' } = realm.openid ?? {}
  if (registration === 'off') return `${place} is off: set it to token (docs/configuration.md)`
  return registration === 'open' ? `${place} is open: nobody needs a token` : undefined
}

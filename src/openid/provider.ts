import type { Provider as LibraryProvider } from 'oidc-provider'
import type { Context, RealmContext } from '../core/context.ts'
import type { OpenidSettings } from '../core/openid/settings.ts'
import { besideOurs } from './browser.ts'
import { configurationOf } from './configuration.ts'
import { policyOf } from './policy.ts'
import type { Protocol } from './protocol.ts'
import { requestOf } from './requests.ts'
import { replaceMethods } from './seams.ts'

/** Gives the library as a realm has it: loaded with its first use, and built anew when the realm's keys have changed. */
export function openProvider(
  ctx: RealmContext & Pick<Context, 'door'>,
  settings: OpenidSettings,
): () => Promise<LibraryProvider> {
  let library: Promise<typeof import('oidc-provider')> | undefined
  let built: { version: string; provider: LibraryProvider } | undefined
  return async () => {
    library ??= import('oidc-provider')
    const loaded = await library
    const { version } = ctx.keys
    built = built?.version === version ? built : { version, provider: build(loaded, ctx, settings) }
    return built.provider
  }
}

function build(
  { Provider, errors, interactionPolicy }: typeof import('oidc-provider'),
  ctx: RealmContext & Pick<Context, 'door'>,
  settings: OpenidSettings,
): LibraryProvider {
  const protocol: Protocol = {
    ctx,
    settings,
    current: () => (Provider.ctx ? requestOf(Provider.ctx.req) : undefined),
    invalidGrant: (why) => new errors.InvalidGrant(why),
    invalidTarget: () => new errors.InvalidTarget(),
  }
  const { interactions, ...configuration } = configurationOf(protocol)
  const policy = policyOf(interactionPolicy, protocol)
  const provider = new Provider(ctx.publicUrl, {
    ...configuration,
    interactions: { ...interactions, policy },
  })
  // The headers that say where a request came in are ours: see `mount.ts`.
  provider.proxy = true
  provider.use(besideOurs(protocol, provider))
  replaceMethods(provider, protocol, () => {
    if (!Provider.ctx) throw new Error('a token is made outside of a request')
    return Provider.ctx.oidc as never
  })
  return provider
}

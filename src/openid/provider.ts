import type { Client as LibraryClient, Provider as LibraryProvider } from 'oidc-provider'
import type { Context, RealmContext } from '../core/context.ts'
import { openidSettingsOf } from '../core/openid/settings.ts'
import { besideOurs } from './browser.ts'
import { configurationOf } from './configuration.ts'
import { answerFailures, watchErrors } from './failures.ts'
import { echoInteractionId } from './fapi.ts'
import { pagesOf } from './pages.ts'
import type { OpenidParts } from './parts.ts'
import { paths } from './paths.ts'
import { policyOf } from './policy.ts'
import { below, clientOf, type Protocol } from './protocol.ts'
import { countRegistrations, hideSecrets } from './registration.ts'
import { requestOf } from './requests.ts'
import { sayNoType } from './revocation.ts'
import { replaceMethods } from './seams.ts'

export interface ProviderParts extends OpenidParts {
  ctx: RealmContext & Pick<Context, 'door'>
}

/** Gives the library as a realm has it: loaded with its first use, and built anew when the realm's keys have changed. */
export function openProvider(parts: ProviderParts): () => Promise<LibraryProvider> {
  let library: Promise<typeof import('oidc-provider')> | undefined
  let built: { version: string; provider: LibraryProvider } | undefined
  return async () => {
    library ??= import('oidc-provider')
    const loaded = await library
    const { keys } = parts.ctx
    if (built?.version === keys.version) return built.provider
    await keys.complete()
    const { version } = keys
    built = built?.version === version ? built : { version, provider: build(loaded, parts) }
    return built.provider
  }
}

function isKnown(
  { ctx, settings }: Pick<ProviderParts, 'ctx' | 'settings'>,
  client: LibraryClient | undefined,
): boolean {
  if (!client || client.clientAuthMethod === 'none') return false
  const known = clientOf({ ctx }, client.clientId)
  return known !== undefined && !(settings.registration === 'open' && openidSettingsOf(known).registered)
}

function build(
  { Provider, errors, interactionPolicy }: typeof import('oidc-provider'),
  { ctx, settings, pages, machineNow }: ProviderParts,
): LibraryProvider {
  const protocol: Protocol = {
    ctx,
    settings,
    machineNow,
    current: () => (Provider.ctx ? requestOf(Provider.ctx.req) : undefined),
    isKnownClient: () => isKnown({ ctx, settings }, Provider.ctx?.oidc.client),
    invalidGrant: (why) => new errors.InvalidGrant(why),
    usedUp: (kind) => {
      const why = `${kind} was used before`
      if (kind === 'PushedAuthorizationRequest') return new errors.InvalidRequestUri(why)
      return Provider.ctx?.oidc.route === 'userinfo'
        ? new errors.InvalidToken(why)
        : new errors.InvalidGrant(why)
    },
    invalidTarget: () => new errors.InvalidTarget(),
    loginRequired: (why) => new errors.LoginRequired(why),
    invalidClient: (why) => new errors.InvalidClientAuth(why),
    invalidMetadata: (why) => new errors.InvalidClientMetadata(why),
    slowDown: () => new errors.SlowDown('the device code is asked for too often'),
  }
  const shown = pagesOf(protocol, pages)
  const { interactions, ...configuration } = configurationOf(protocol, shown)
  const policy = policyOf(interactionPolicy, protocol)
  const provider = new Provider(ctx.publicUrl, {
    ...configuration,
    interactions: { ...interactions, policy },
  })
  // The headers that say where a request came in are ours: see `mount.ts`.
  provider.proxy = true
  provider.use(answerFailures(protocol, shown.renderError))
  provider.use(below(paths.registration, countRegistrations(protocol)))
  provider.use(below(paths.registration, hideSecrets()))
  provider.use(below(paths.userinfo, echoInteractionId()))
  provider.use(below(paths.revocation, sayNoType()))
  provider.use(besideOurs(protocol, provider))
  watchErrors(provider)
  replaceMethods(provider, protocol, () => {
    if (!Provider.ctx) throw new Error('a token is made outside of a request')
    return Provider.ctx.oidc as never
  })
  return provider
}

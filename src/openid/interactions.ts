import type { IncomingMessage, ServerResponse } from 'node:http'
import type { InteractionResults, Interaction as LibraryInteraction, Provider } from 'oidc-provider'
import type { Client } from '../core/clients/client.ts'
import type { Context, RealmContext } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import { findArtifactByUid } from '../core/openid/artifacts.ts'
import { asksForSecondFactor, assuranceOf, methodsIn } from '../core/openid/assurance.ts'
import { addConsent, claimItem, resourceItem } from '../core/openid/consents.ts'
import type { Interaction, OpenidInteractions, RawExchange } from '../core/openid/interactions.ts'
import type { SessionRow } from '../store/schema.ts'
import { clientOf, libraryTime, type Protocol } from './protocol.ts'

interface Parts extends Pick<Protocol, 'ctx' | 'machineNow'> {
  provider(): Promise<Provider>
}

/** What the library wants to know, as it says it. */
interface Details {
  missingOIDCScope?: string[]
  missingOIDCClaims?: string[]
  missingResourceScopes?: Record<string, string[]>
}

/** What the pages ask of the protocol, of the browser that is in the middle of an authorization. */
export function openInteractions({ ctx, machineNow, provider }: Parts): OpenidInteractions {
  const begin = async (exchange: RawExchange) => {
    const library = await provider()
    return { library, interaction: await findInteraction(library, exchange) }
  }
  const finish = (library: Provider, exchange: RawExchange, result: InteractionResults) =>
    library.interactionResult(...ofNode(exchange), result)

  return {
    at: (client, origin) => ({ ...ctx, client, origin }),

    read: async (exchange) => presentInteraction(ctx, (await begin(exchange)).interaction),

    finishLogin: async (exchange, { account, session, provenAt }) => {
      const { library, interaction } = await begin(exchange)
      await forgetFormerSession(ctx, interaction, session)
      const login = {
        accountId: account.id,
        acr: assuranceOf(session),
        amr: methodsIn(session),
        ts: libraryTime({ ctx, machineNow }, provenAt),
      }
      const chosen = interaction.prompt.name === 'select_account' && { select_account: {} }
      return finish(library, exchange, { login, ...chosen })
    },

    allow: async (exchange, origin) => {
      const { library, interaction } = await begin(exchange)
      const grantId = await grant(ctx, library, { interaction, origin })
      return finish(library, exchange, { consent: { grantId } })
    },

    refuse: async (exchange, error) => {
      const { library } = await begin(exchange)
      return finish(library, exchange, { error })
    },
  }
}

function ofNode({ req, res }: RawExchange): [IncomingMessage, ServerResponse] {
  return [req as IncomingMessage, res as ServerResponse]
}

/** Throws `challenge_invalid` where the browser has not begun one, or it is over. */
async function findInteraction(library: Provider, exchange: RawExchange): Promise<LibraryInteraction> {
  try {
    return await library.interactionDetails(...ofNode(exchange))
  } catch (error) {
    if ((error as Error).name === 'SessionNotFound') throw new AuthError('challenge_invalid')
    throw error
  }
}

function presentInteraction(ctx: RealmContext, interaction: LibraryInteraction): Interaction {
  const { params, prompt, session } = interaction
  const {
    missingOIDCScope = [],
    missingOIDCClaims = [],
    missingResourceScopes = {},
  } = prompt.details as Details
  const {
    client_id,
    redirect_uri,
    login_hint,
    ui_locales,
    acr_values,
    prompt: prompts,
  } = params as Record<string, string | undefined>
  const needsSecondFactor = prompt.reasons.some((reason) => reason.startsWith('essential_acr'))
  return {
    uid: interaction.uid,
    prompt: prompt.name as Interaction['prompt'],
    reasons: prompt.reasons,
    wantsSignIn: prompts?.split(' ').includes('login') ?? false,
    client: appOf(ctx, client_id),
    ...(redirect_uri !== undefined && { redirectUri: redirect_uri }),
    ...(session?.accountId !== undefined && { accountId: session.accountId }),
    missingScopes: missingOIDCScope,
    missingClaims: missingOIDCClaims,
    missingResourceScopes,
    ...(login_hint !== undefined && { loginHint: login_hint }),
    ...(ui_locales !== undefined && { uiLocales: ui_locales }),
    wantsSecondFactor: needsSecondFactor || asksForSecondFactor(acr_values),
    needsSecondFactor,
  }
}

/** The app that has sent the browser here. Throws `challenge_invalid` where it was removed meanwhile. */
function appOf(ctx: RealmContext, id: unknown): Client {
  const client = clientOf({ ctx }, String(id))
  if (!client) throw new AuthError('challenge_invalid')
  return client
}

/** Where somebody has signed in anew, what was begun goes on in their session and not in the one before. */
async function forgetFormerSession(
  ctx: RealmContext,
  interaction: LibraryInteraction,
  session: SessionRow,
): Promise<void> {
  const uid = interaction.session?.uid
  if (uid === undefined) return
  const former = await findArtifactByUid(ctx, 'Session', uid)
  if (former?.row.session_id === session.id) return
  interaction.session = undefined
  await interaction.persist()
}

/** Grants what the app asks for and has not been granted, keeps that the person allows it, and returns the grant's id. */
async function grant(
  ctx: Parts['ctx'],
  library: Provider,
  { interaction, origin }: { interaction: LibraryInteraction; origin: Context['origin'] },
): Promise<string> {
  const accountId = interaction.session?.accountId
  const client = appOf(ctx, interaction.params.client_id)
  if (accountId === undefined) throw new AuthError('challenge_invalid')
  const known = interaction.grantId ? await library.Grant.find(interaction.grantId) : undefined
  const granted = known ?? new library.Grant({ accountId, clientId: client.id })
  const details = interaction.prompt.details as Details
  const { missingOIDCScope = [], missingOIDCClaims = [], missingResourceScopes = {} } = details
  if (missingOIDCScope.length > 0) granted.addOIDCScope(missingOIDCScope.join(' '))
  if (missingOIDCClaims.length > 0) granted.addOIDCClaims(missingOIDCClaims)
  for (const [resource, scopes] of Object.entries(missingResourceScopes))
    granted.addResourceScope(resource, scopes.join(' '))
  const items = [
    ...missingOIDCScope,
    ...missingOIDCClaims.map(claimItem),
    ...Object.entries(missingResourceScopes).flatMap(([resource, scopes]) =>
      scopes.map((scope) => resourceItem(resource, scope)),
    ),
  ]
  if (items.length > 0) await addConsent({ ...ctx, client, origin }, accountId, items)
  return granted.save()
}

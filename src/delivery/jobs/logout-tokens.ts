import { registeredClient } from '../../core/clients/clients.ts'
import type { RealmContext } from '../../core/context.ts'
import type { JobPayloads } from '../../core/jobs.ts'
import { type OpenidClientSettings, openidSettingsOf } from '../../core/openid/settings.ts'
import { createOutwardFetch, OutwardError } from '../../lib/outward.ts'
import { Refused } from '../message.ts'
import type { JobHandlers } from './mailer.ts'

/** For all of an attempt: shorter than a job's lease. */
const timeoutMs = 5_000
/** Nothing of an answer is read. */
const maxBodyBytes = 1_024
/** A token that is late is of use to nobody, as each attempt has one of its own. */
const lifetimeSeconds = 120

/**
 * Tells clients of OpenID Connect that sessions have ended (OpenID Connect Back-Channel Logout 1.0). One that is gone, or
 * wants to hear no more, is told nothing.
 */
export const logoutTokenHandlers: Pick<JobHandlers, 'openid-logout'> = {
  'openid-logout': async (ctx, payload) => {
    const { openid } = ctx.realm
    const client = openid && registeredClient(ctx, openid.door.dialect, payload.clientId)
    const settings = client && openidSettingsOf(client)
    if (!openid || !settings?.backchannelLogoutUri) return
    const { allowPrivateAddresses: allowPrivate } = openid
    await ctx.keys.complete()
    const answer = await createOutwardFetch({ allowPrivate, timeoutMs, maxBodyBytes })(
      settings.backchannelLogoutUri,
      { method: 'POST', body: new URLSearchParams({ logout_token: logoutToken(ctx, payload, settings) }) },
    ).catch(rethrow)
    await answer.body?.cancel()
    judge(answer)
  },
}

/** Back-Channel Logout §2.4. */
function logoutToken(
  ctx: RealmContext,
  { clientId, sub, sid }: JobPayloads['openid-logout'],
  { idTokenAlgorithm = 'RS256' }: OpenidClientSettings,
): string {
  const iat = Math.floor(ctx.now() / 1000)
  const claims = {
    iss: ctx.publicUrl,
    aud: clientId,
    iat,
    exp: iat + lifetimeSeconds,
    jti: ctx.newId(),
    sub,
    ...(sid !== undefined && { sid }),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  }
  return ctx.keys.signJwt(idTokenAlgorithm, { typ: 'logout+jwt' }, claims)
}

/** Where no request may go today it will hardly go tomorrow. */
function rethrow(error: unknown): never {
  if (error instanceof OutwardError && error.why === 'forbidden')
    throw new Refused(`the client may not be told: ${error.message}`)
  const reason = error instanceof OutwardError ? error.message : 'the request could not be made'
  throw new Error(`the client cannot be told: ${reason}`, { cause: error })
}

/** Back-Channel Logout §2.8: 200, as some frameworks 204; 400 for a token that the client does not take. */
function judge({ status }: Response): void {
  if (status === 200 || status === 204) return
  const message = `the client has answered ${status}`
  throw status === 400 ? new Refused(message) : new Error(message)
}

import type { SessionRow } from '../../store/schema.ts'
import { registeredClient } from '../clients/clients.ts'
import { type AnyContext, type RealmContext, transaction } from '../context.ts'
import { addJob } from '../jobs.ts'
import { openidFactsOf } from './session-facts.ts'
import { openidSettingsOf } from './settings.ts'

/** Sessions that one transaction tells of. */
const batch = 100

/**
 * Writes a job for each session whose client is to be told of its end and has not been, whatever has ended it: of up to a
 * hundred, of all accounts or of that one. Each is told of once, however many nodes do this. Returns how many it took;
 * none where OpenID Connect is off.
 */
export async function tellEnds(ctx: RealmContext, accountId?: string): Promise<number> {
  if (!ctx.realm.openid) return 0
  return transaction(ctx, async (ctx) => {
    const ended = await ctx.store.untoldEnds.take({ max: batch, accountId })
    const told = new Map(ended.map((session) => [toldOf(session), session]))
    for (const session of told.values()) await tellEnd(ctx, session)
    return ended.length
  })
}

/** Has clients be told soon of what ends in this transaction. They are told within seconds without it, too. */
export function hurryTellingEnds(ctx: AnyContext): void {
  if (ctx.realm.openid) ctx.afterCommit(ctx.wakeWorker)
}

/** What the client would be told: of several sessions that it knows as one it is told once. */
function toldOf(session: SessionRow): string {
  return JSON.stringify([session.client_id, session.account_id, openidFactsOf(session)?.sid])
}

async function tellEnd(ctx: RealmContext, session: SessionRow): Promise<void> {
  const { client_id: clientId, account_id: sub, dialect } = session
  const client = registeredClient(ctx, dialect, clientId)
  const uri = client && openidSettingsOf(client).backchannelLogoutUri
  const host = uri === undefined ? undefined : URL.parse(uri)?.host
  const sid = openidFactsOf(session)?.sid
  // One that is not known here may be known to the node that tells it.
  await addJob(ctx, 'openid-logout', { clientId, sub, sid }, host ?? clientId)
}

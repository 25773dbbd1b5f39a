import type { SessionRow } from '../../store/schema.ts'
import { registeredClient } from '../clients/clients.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { addJob } from '../jobs.ts'
import { readFacts } from './session-facts.ts'
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
  return transaction(stopClock(ctx), async (ctx) => {
    const ended = await ctx.store.untoldEnds.take({ max: batch, accountId })
    for (const [account, sessions] of Map.groupBy(ended, ({ account_id }) => account_id)) {
      const live = await liveAtClients(ctx, account)
      const over = sessions.filter((session) => !live.some((other) => isKnownBy(session, other)))
      // Of several that the client knows as one it is told once.
      const told = new Map(over.map((session) => [nameAtClient(session), session]))
      for (const session of told.values()) await tellEnd(ctx, session)
    }
    return ended.length
  })
}

/** Has clients be told soon of what ends in this transaction. They are told within seconds without it, too. */
export function hurryTellingEnds(ctx: AnyContext): void {
  if (ctx.realm.openid) ctx.afterCommit(ctx.wakeWorker)
}

async function liveAtClients(ctx: RealmContext, accountId: string): Promise<SessionRow[]> {
  const { dialect } = ctx.realm.openid?.door ?? {}
  if (dialect === undefined) return []
  return (await ctx.store.sessions.listLive({ accountId, dialect, now: ctx.now() })).sessions
}

/** Whether a logout of one session, as the client is told of it, would be one of the other session, too. */
function isKnownBy(ended: SessionRow, live: SessionRow): boolean {
  if (ended.client_id !== live.client_id) return false
  const { sid } = readFacts(ended)
  return sid === undefined || sid === readFacts(live).sid
}

function nameAtClient(session: SessionRow): string {
  return JSON.stringify([session.client_id, readFacts(session).sid])
}

async function tellEnd(ctx: RealmContext, session: SessionRow): Promise<void> {
  const { client_id: clientId, account_id: sub, dialect } = session
  const client = registeredClient(ctx, dialect, clientId)
  const uri = client && openidSettingsOf(client).backchannelLogoutUri
  const host = uri === undefined ? undefined : URL.parse(uri)?.host
  const { sid } = readFacts(session)
  // One that is not known here may be known to the node that tells it.
  await addJob(ctx, 'openid-logout', { clientId, sub, sid }, host ?? clientId)
}

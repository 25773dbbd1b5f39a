import { recordEvent, subjectsOf } from '../audit/audit.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { tellEnds } from '../openid/tell-ends.ts'
import { shutWithin } from './admin.ts'
import { jobsOf } from './personal-jobs.ts'
import { withOwnNames } from './proven-names.ts'

/** Begins the pseudonyms of the audit trail. */
const pseudonyms = 'deleted-'
const batch = 200

export interface Erasure {
  /** What the audit trail knows the account by. */
  pseudonym: string
  /** Whether the database's write-ahead log still holds some of it: a server that runs tries again each hour. */
  leavesTraces: boolean
}

/**
 * Deletes an account and all that is held of its person. Sessions end at once, which their clients are told, its names
 * are free again, and queued messages are dropped. Endpoints are told of this alone, and nothing is kept of that either. Audit rows stay under a random pseudonym, without IP, session or what was typed. Returns
 * `undefined` when there is no such account. After a failure it can be done again.
 */
export async function eraseAccount(ctx: AnyContext, accountId: string): Promise<Erasure | undefined> {
  // Nobody gets in from here on, so that what follows meets nothing that moves.
  await transaction(stopClock(ctx), (ctx) => shutWithin(ctx, accountId))
  const account = await ctx.store.accounts.byId(accountId)
  if (!account) return undefined
  const pseudonym = pseudonyms + ctx.randomBytes(16).toString('hex')
  const of = { accountId, subjects: subjectsOf(ctx, account) }
  const named = withOwnNames(account)
  // While there are sessions to tell of.
  await inBatches(() => tellEnds(ctx, accountId))
  await inBatches(() => ctx.store.sessions.removeSome(accountId, batch))
  await inBatches(() => ctx.store.audit.pseudonymize(of, pseudonym, batch))
  await removeFromWebhooks(ctx, accountId)
  const jobs = await jobsOf(ctx, account)

  const isGone = await transaction(stopClock(ctx), async (ctx) => {
    await ctx.store.accounts.lock(accountId)
    await ctx.store.tickets.removeAllOf(named)
    if (!(await ctx.store.accounts.remove(accountId))) return false
    await ctx.store.jobs.remove(jobs.map(({ id }) => id))
    await ctx.store.audit.pseudonymize(of, pseudonym, batch)
    await recordEvent(ctx, 'account.deleted', { accountId: pseudonym, formerId: accountId })
    return true
  })
  if (!isGone) return undefined
  // What a request or a worker has written amid all this.
  await ctx.store.jobs.remove((await jobsOf(ctx, account)).map(({ id }) => id))
  await inBatches(() => ctx.store.audit.pseudonymize(of, pseudonym, batch))
  await removeFromWebhooks(ctx, accountId)
  await ctx.store.tickets.removeAllOf(named)
  return { pseudonym, leavesTraces: !(await ctx.store.purgeWal()) }
}

/** Drops what endpoints were told and are to be told of an account, but for its deletion. */
async function removeFromWebhooks({ store }: RealmContext, accountId: string): Promise<void> {
  // First what deliveries are made of.
  await store.webhookEvents.removeAllOf(accountId)
  await inBatches(() => store.webhookDeliveries.removeSomeOf(accountId, batch))
}

/** How old orphaned rows may be that are looked for: a restart in between does not matter. */
const orphanAgeMs = 86_400_000

/** Hides deleted accounts in the youngest audit rows, a batch at a step: a concurrent request may have written one. */
export async function* pseudonymizeOrphanedAuditRows(ctx: RealmContext): AsyncGenerator<void> {
  const pseudonym = { start: pseudonyms, whole: `${pseudonyms}account` }
  const since = ctx.now() - orphanAgeMs
  let after: string | undefined = ''
  while (after !== undefined) {
    after = await ctx.store.audit.pseudonymizeOrphans({ since, after, max: batch, pseudonym })
    yield
  }
}

async function inBatches(step: () => Promise<number>): Promise<void> {
  while ((await step()) > 0);
}

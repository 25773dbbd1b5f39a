import type { AccountRow } from '../../store/schema.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import { readAudit } from '../audit/trail.ts'
import type { RealmContext } from '../context.ts'

/** What the old server does not know of an account. */
type Change = 'created' | 'password' | 'address' | 'factor' | 'disabled' | 'enabled' | 'deleted'

/** An account that is not any more what it is at the old server. */
export interface ChangedAccount {
  /** Where it was deleted, its pseudonym in the audit trail. */
  id: string
  changed: Change[]
  /** When it was changed last, in epoch milliseconds. */
  changedAt: number
  /** `undefined` where it was deleted. */
  account?: AccountRow
  /** What other systems call it. */
  links: { source: string; sourceId: string }[]
}

const changeOf: Partial<Record<AuditEvent, Change>> = {
  'account.created': 'created',
  'account.deleted': 'deleted',
  'account.disabled': 'disabled',
  'account.enabled': 'enabled',
  'account.taken_over': 'password',
  'email.released': 'address',
  'email.verified': 'address',
  'password.changed': 'password',
  'password.reset': 'password',
  'phone.verified': 'address',
  'second_factor.disabled': 'factor',
  'second_factor.enabled': 'factor',
  'second_factor.recovery_code_used': 'factor',
  'second_factor.removed': 'factor',
}
/** With `password.settled`, behind which an account was created for somebody whom the old server knows. */
const events: AuditEvent[] = [...(Object.keys(changeOf) as AuditEvent[]), 'password.settled']

/** Accounts that are looked up at a time. */
const pageSize = 500

/**
 * The accounts that were changed here since that time, as the audit trail has it, for a way back to the old server: first
 * those that were changed first. A right password that was only hashed anew has not changed.
 */
export async function* changedSince(ctx: RealmContext, since: number): AsyncGenerator<ChangedAccount> {
  const changes = await changesByAccount(ctx, since)
  for (let from = 0; from < changes.length; from += pageSize) {
    const page = changes.slice(from, from + pageSize)
    const ids = page.map(([id]) => id)
    const accounts = new Map((await ctx.store.accounts.byIds(ids)).map((account) => [account.id, account]))
    const { links } = await ctx.store.leaving.belongings(ids)
    for (const [id, { changed, changedAt }] of page)
      yield {
        id,
        // What was done before, such as disabling it, says nothing any more.
        changed: changed.has('deleted') ? ['deleted'] : [...changed],
        changedAt,
        account: accounts.get(id),
        links: links
          .filter(({ account_id }) => account_id === id)
          .map(({ source, source_id }) => ({ source, sourceId: source_id })),
      }
  }
}

async function changesByAccount(ctx: RealmContext, since: number) {
  const byAccount = new Map<string, { changed: Set<Change>; changedAt: number }>()
  for await (const { account_id: id, event, outcome, detail, at } of readAudit(ctx, { since, events })) {
    // What the old server has said itself is no news to it.
    if (id === null || outcome !== 'success' || detail === 'old_server') continue
    const known = byAccount.get(id) ?? { changed: new Set(), changedAt: at }
    const change = changeOf[event as AuditEvent]
    if (change === undefined) known.changed.delete('created')
    else known.changed.add(change)
    known.changedAt = Math.max(known.changedAt, at)
    byAccount.set(id, known)
  }
  return [...byAccount].filter(([, { changed }]) => changed.size > 0)
}

import type { OperatorOfAccount } from '../../store/tables/operators.ts'
import { disableWithin, enableAccount } from '../accounts/admin.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type Context, type RealmContext, transaction } from '../context.ts'
import { findBrowserSession } from '../self-service/browser-sessions.ts'
import type { Caller } from '../sessions/sessions.ts'
import { type Role, readRole } from './capabilities.ts'
import { OperatorError } from './operator-error.ts'

/** Who runs this server, as others are shown them. */
export interface Operator {
  id: string
  name: string
  email: string | undefined
  role: Role
  /** The realms that they are held to; `undefined` for all. */
  realms: string[] | undefined
  /** As in the audit trail. */
  invitedBy: string | undefined
  isDisabled: boolean
  /** Epoch milliseconds. */
  createdAt: number
  /** Epoch milliseconds. */
  lastSignInAt: number | undefined
}

/** An operator with the session of their browser. */
export interface OperatorCaller extends Caller {
  operator: Operator
}

/** Who is signed in to the console with that cookie; `undefined` for nobody, or nobody any more. At the console's door. */
export async function findOperatorCaller(
  ctx: Context,
  token: string | undefined,
  options?: { isUse?: boolean },
): Promise<OperatorCaller | undefined> {
  const caller = await findBrowserSession(ctx, token, options)
  const row = caller && (await ctx.store.operators.byAccount(caller.account.id))
  return row && { ...caller, operator: toOperator(row) }
}

/** Every operator, in the order in which they came, disabled ones among them. In the realm of the operators. */
export async function listOperators(ctx: Pick<RealmContext, 'store'>): Promise<Operator[]> {
  return (await ctx.store.operators.list()).map(toOperator)
}

/** The operator of that id. Throws `not_found`. */
export async function operatorById(ctx: Pick<RealmContext, 'store'>, id: string): Promise<Operator> {
  const row = await ctx.store.operators.byAccount(id)
  if (!row) throw new OperatorError('not_found')
  return toOperator(row)
}

/** Gives an operator another role and other realms, `undefined` for all. Throws `not_found`, `last_owner`. */
export function changeRole(
  ctx: AnyContext,
  id: string,
  { role, realms }: { role: Role; realms: string[] | undefined },
): Promise<void> {
  return transaction(ctx, async (ctx) => {
    if (role !== 'owner' || realms !== undefined) await refuseLastOwner(ctx, id)
    const changed = await ctx.store.operators.update(id, {
      role,
      realms: realms === undefined ? null : JSON.stringify(realms),
    })
    if (!changed) throw new OperatorError('not_found')
    await recordEvent(ctx, 'operator.changed', { accountId: id, detail: role })
  })
}

/** Shuts an operator out: their sessions end at once. Throws `not_found`, `conflict` when they were, `last_owner`. */
export async function disableOperator(ctx: AnyContext, id: string): Promise<void> {
  await operatorById(ctx, id)
  await transaction(ctx, async (ctx) => {
    await refuseLastOwner(ctx, id)
    if (!(await disableWithin(ctx, id))) throw new OperatorError('conflict')
  })
}

/** Lets an operator in again. Throws `not_found`, and `conflict` when they were not shut out. */
export async function enableOperator(ctx: AnyContext, id: string): Promise<void> {
  await operatorById(ctx, id)
  if (!(await enableAccount(ctx, id))) throw new OperatorError('conflict')
}

/** Throws `last_owner` where nobody else could let people in, as an owner who is held to some realms cannot. Part of a transaction. */
async function refuseLastOwner({ store }: Pick<RealmContext, 'store'>, id: string): Promise<void> {
  const owners = (await store.operators.lockOwners()).filter(({ isHeld }) => !isHeld)
  if (owners.length === 1 && owners[0]?.accountId === id) throw new OperatorError('last_owner')
}

function toOperator(row: OperatorOfAccount): Operator {
  return {
    id: row.account_id,
    name: row.name,
    email: row.email ?? undefined,
    // A word of a newer release gives nobody more than to look.
    role: readRole(row.role) ?? 'auditor',
    realms: row.realms === null ? undefined : JSON.parse(row.realms),
    invitedBy: row.invited_by ?? undefined,
    isDisabled: row.disabled_at !== null,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at ?? undefined,
  }
}

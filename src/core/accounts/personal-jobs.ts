import type { AccountRow, JobRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import { withOwnNames } from './proven-names.ts'

/** The jobs, waiting and done, whose messages are for the owner of an account. */
export async function jobsOf(ctx: RealmContext, person: AccountRow): Promise<JobRow[]> {
  const account = withOwnNames(person)
  const names = [account.id, account.email, account.phone].flatMap((name) => name ?? [])
  const found: JobRow[] = []
  for (const name of names) found.push(...(await ctx.store.jobs.mentioning(name)))
  const own = found.filter(({ payload }) => isFor(account, JSON.parse(payload)))
  return [...new Map(own.map((job) => [job.id, job])).values()]
}

/** The database finds texts; the field shows which of them is a name. */
function isFor(
  { id, email, phone }: AccountRow,
  payload: { accountId?: string; email?: string; phone?: string },
): boolean {
  // What is for an account may go to a name that it does not have yet, or no more, and that another one has.
  if (payload.accountId !== undefined) return payload.accountId === id
  return (email !== null && payload.email === email) || (phone !== null && payload.phone === phone)
}

import type { FastifyRequest } from 'fastify'
import type { EventView } from '../../operations/audit/views.ts'
import { pathWith } from '../lists.ts'
import { textsFor } from '../texts.ts'
import { timeFor } from '../visit.ts'

/** Begins what stands for an account that was deleted. */
const pseudonyms = 'deleted-'

/** A row of the trail as pages show it, with links to the account and to what else is alike. */
export function presentRow(
  request: FastifyRequest,
  { row, base, accounts }: { row: EventView; base: string; accounts: ReadonlyMap<string, string> },
) {
  const { account } = row
  const isGone = account?.startsWith(pseudonyms) ?? false
  return {
    ...row,
    time: timeFor(request, row.at),
    isRefused: row.outcome === 'refused',
    outcomeText: textsFor(request)[row.outcome === 'refused' ? 'outcome_refused' : 'outcome_success'],
    accountName: account === null ? undefined : (accounts.get(account) ?? account),
    accountHref:
      account === null
        ? undefined
        : isGone
          ? pathWith(`${base}/audit`, { account })
          : `${base}/accounts/${encodeURIComponent(account)}`,
  }
}

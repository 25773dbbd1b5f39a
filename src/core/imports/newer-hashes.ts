import type { FoundAccount } from '../../store/tables/imports/imported-accounts.ts'
import type { Candidate } from './candidate.ts'
import type { Found } from './found.ts'
import type { HashIntake } from './hash-intake.ts'
import { inParallel } from './in-parallel.ts'

/** Which candidates bring another hash than their accounts were imported with before. */
export interface NewerHashes {
  /** Compares the hashes of those that were imported before. Slow for some, so outside of any transaction. */
  compare(candidates: Candidate[], found: Found): Promise<void>
  /** What was found; no, where the account has another hash by now than was compared. */
  has(candidate: Candidate, account: FoundAccount): boolean
}

/** Of one batch, of which each hash is compared once, however often the batch is planned. */
export function newerHashes({ isOther }: Pick<HashIntake, 'isOther'>): NewerHashes {
  const compared = new Map<Candidate, { stored: string; isOther: boolean }>()
  return {
    compare: (candidates, found) =>
      inParallel(candidates, async (candidate) => {
        const stored = importedHash(candidate, found)
        if (stored === undefined || candidate.hash === undefined) return
        if (compared.get(candidate)?.stored === stored) return
        compared.set(candidate, { stored, isOther: await isOther(stored, candidate.hash) })
      }),
    has: (candidate, account) => {
      const found = compared.get(candidate)
      return found?.isOther === true && found.stored === account.password_hash
    },
  }
}

/** That of the account which was imported under the same id, while nobody has signed in with it. */
function importedHash({ source, sourceId }: Candidate, found: Found): string | undefined {
  const link = found.link(source, sourceId)
  const account = link && found.byId(link.account_id)
  return account?.password_kind ? (account.password_hash ?? undefined) : undefined
}

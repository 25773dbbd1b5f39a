import { purgeWal } from './sqlite/purge-wal.ts'
import { type Accounts, accounts } from './tables/accounts.ts'
import { type Audit, audit } from './tables/audit.ts'
import { type Callers, callers } from './tables/callers.ts'
import { type Clients, clients } from './tables/clients.ts'
import { type GuessCounts, guessCounts } from './tables/guess-counts.ts'
import { type Jobs, jobs } from './tables/jobs.ts'
import { type RecoveryCodes, recoveryCodes } from './tables/recovery-codes.ts'
import { type ResetCodes, resetCodes } from './tables/reset-codes.ts'
import { type Sessions, sessions } from './tables/sessions.ts'
import { type SigningKeys, signingKeys } from './tables/signing-keys.ts'
import { type Tickets, tickets } from './tables/tickets.ts'
import { type Totps, totps } from './tables/totp.ts'
import type { Database } from './types.ts'

/** Every table, bound to one realm: no query of one realm can reach a row of another. */
export interface Store {
  accounts: Accounts
  sessions: Sessions
  callers: Callers
  tickets: Tickets
  resetCodes: ResetCodes
  clients: Clients
  jobs: Jobs
  signingKeys: SigningKeys
  audit: Audit
  totp: Totps
  recoveryCodes: RecoveryCodes
  guessCounts: GuessCounts
  /**
   * Has what was deleted leave the files too, as far as that is in the hands of a statement. Returns whether it has:
   * not while somebody reads what was there before.
   */
  purgeWal(): Promise<boolean>
  /** Runs `work` on a store of which either everything is kept or nothing. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>
}

export function realmStore(db: Database, realm: string): Store {
  return {
    accounts: accounts(db, realm),
    sessions: sessions(db, realm),
    callers: callers(db, realm),
    tickets: tickets(db, realm),
    resetCodes: resetCodes(db, realm),
    clients: clients(db, realm),
    jobs: jobs(db, realm),
    signingKeys: signingKeys(db, realm),
    audit: audit(db, realm),
    totp: totps(db, realm),
    recoveryCodes: recoveryCodes(db, realm),
    guessCounts: guessCounts(db, realm),
    purgeWal: () => purgeWal(db),
    transaction: (work) => db.transaction().execute((db) => work(realmStore(db, realm))),
  }
}

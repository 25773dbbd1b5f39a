import { purgeWal } from './sqlite/purge-wal.ts'
import { accounts } from './tables/accounts/accounts.ts'
import { adminRequests } from './tables/admin-requests.ts'
import { adminTokens } from './tables/admin-tokens.ts'
import { audit } from './tables/audit.ts'
import { authenticators } from './tables/authenticators.ts'
import { callers } from './tables/callers.ts'
import { clients } from './tables/clients.ts'
import { counts } from './tables/counts.ts'
import { guessCounts } from './tables/guess-counts.ts'
import { hashSecrets } from './tables/hash-secrets.ts'
import { importRuns } from './tables/imports/import-runs.ts'
import { importedAccounts } from './tables/imports/imported-accounts.ts'
import { knownAddresses } from './tables/imports/known-addresses.ts'
import { leaving } from './tables/imports/leaving.ts'
import { legacyLinks } from './tables/imports/legacy-links.ts'
import { legacySessions } from './tables/imports/legacy-sessions.ts'
import { undoing } from './tables/imports/undoing.ts'
import { jobs } from './tables/jobs.ts'
import { lists } from './tables/lists/lists.ts'
import { openidArtifacts } from './tables/openid/artifacts.ts'
import { openidConsents } from './tables/openid/consents.ts'
import { untoldEnds } from './tables/openid/untold-ends.ts'
import { blocks } from './tables/operations/blocks.ts'
import { nodes } from './tables/operations/nodes.ts'
import { traffic } from './tables/operations/traffic.ts'
import { troubles } from './tables/operations/troubles.ts'
import { operators } from './tables/operators.ts'
import { passkeys } from './tables/passkeys.ts'
import { recoveryCodes } from './tables/recovery-codes.ts'
import { resetCodes } from './tables/reset-codes.ts'
import { sessions } from './tables/sessions/sessions.ts'
import { settings } from './tables/settings.ts'
import { signingKeys } from './tables/signing-keys.ts'
import { switching } from './tables/switching.ts'
import { tickets } from './tables/tickets.ts'
import { totps } from './tables/totp.ts'
import { trustedDevices } from './tables/trusted-devices.ts'
import { waysIn } from './tables/ways-in.ts'
import { webhookDeliveries } from './tables/webhooks/deliveries.ts'
import { webhookEvents } from './tables/webhooks/events.ts'
import { webhookSecrets, webhooks } from './tables/webhooks/webhooks.ts'
import type { Database } from './types.ts'

/** Every table, bound to one realm: no query of one realm can reach a row of another. */
export interface Store extends ReturnType<typeof realmTables> {
  /**
   * Has what was deleted leave the files too, as far as that is in the hands of a statement. Returns whether it has:
   * not while somebody reads what was there before.
   */
  purgeWal(): Promise<boolean>
  /** Runs `work` on a store of which either everything is kept or nothing. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>
  /** Runs `work` as part of the transaction that this store is of, and else in one of its own. */
  together<T>(work: (store: Store) => Promise<T>): Promise<T>
}

export function realmStore(db: Database, realm: string): Store {
  const store: Store = {
    ...realmTables(db, realm),
    purgeWal: () => purgeWal(db),
    transaction: (work) => db.transaction().execute((db) => work(realmStore(db, realm))),
    together: (work) => (db.isTransaction ? work(store) : store.transaction(work)),
  }
  return store
}

function realmTables(db: Database, realm: string) {
  return {
    accounts: accounts(db, realm),
    sessions: sessions(db, realm),
    callers: callers(db, realm),
    tickets: tickets(db, realm),
    resetCodes: resetCodes(db, realm),
    clients: clients(db, realm),
    counts: counts(db, realm),
    jobs: jobs(db, realm),
    settings: settings(db, realm),
    serverSettings: settings(db, ''),
    signingKeys: signingKeys(db, realm),
    audit: audit(db, realm),
    totp: totps(db, realm),
    authenticators: authenticators(db, realm),
    recoveryCodes: recoveryCodes(db, realm),
    trustedDevices: trustedDevices(db, realm),
    passkeys: passkeys(db, realm),
    traffic: traffic(db, realm),
    troubles: troubles(db, realm),
    blocks: blocks(db, realm),
    // Of no realm, as one process serves them all.
    nodes: nodes(db),
    openidArtifacts: openidArtifacts(db, realm),
    openidConsents: openidConsents(db, realm),
    untoldEnds: untoldEnds(db, realm),
    guessCounts: guessCounts(db, realm),
    knownAddresses: knownAddresses(db, realm),
    leaving: leaving(db, realm),
    hashSecrets: hashSecrets(db, realm),
    importRuns: importRuns(db, realm),
    importedAccounts: importedAccounts(db, realm),
    legacyLinks: legacyLinks(db, realm),
    legacySessions: legacySessions(db, realm),
    undoing: undoing(db, realm),
    switching: switching(db, realm),
    waysIn: waysIn(db, realm),
    lists: lists(db, realm),
    operators: operators(db, realm),
    adminTokens: adminTokens(db, realm),
    adminRequests: adminRequests(db, realm),
    webhooks: webhooks(db, realm),
    webhookSecrets: webhookSecrets(db, realm),
    webhookEvents: webhookEvents(db, realm),
    webhookDeliveries: webhookDeliveries(db, realm),
  }
}

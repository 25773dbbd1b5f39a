import type { AccountRow, OpenidConsentRow, PasskeyRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import { type InForce, inForceBy } from '../factors/held.ts'
import { keptCodes } from '../self-service/recovery-codes.ts'
import { countLiveSessions } from '../sessions/account-sessions.ts'
import { identityPrefix } from './export.ts'

/** Who an account is, and how its owner gets in, for operators: nothing that signs anybody in. */
export interface AccountDetails {
  account: AccountRow
  /** Those in force, the first one first. */
  authenticators: InForce[]
  passkeys: PasskeyRow[]
  recoveryCodesLeft: number
  trustedDevices: number
  liveSessions: number
  /** What other systems call the account, from which it was imported. */
  importedFrom: { source: string; sourceId: string }[]
  /** What apps have been allowed. */
  consents: OpenidConsentRow[]
  /** Providers that sign the person in here, by their ids. */
  providers: string[]
}

/** All that operators see of an account, but for what has happened to it. */
export async function detailsOf(ctx: RealmContext, account: AccountRow): Promise<AccountDetails> {
  const { id } = account
  const { store } = ctx
  const [authenticators, passkeys, codes, devices, liveSessions, links, consents] = await Promise.all([
    inForceBy(ctx, id),
    store.passkeys.listOf(id),
    keptCodes(ctx, id),
    store.trustedDevices.list(id, ctx.now()),
    countLiveSessions(ctx, account),
    store.legacyLinks.listOf(id),
    store.openidConsents.listOf(id),
  ])
  const isIdentity = ({ source, run_id }: (typeof links)[number]) =>
    run_id === null && source.startsWith(identityPrefix)
  return {
    account,
    authenticators,
    passkeys,
    recoveryCodesLeft: codes.left,
    trustedDevices: devices.length,
    liveSessions,
    consents,
    importedFrom: links
      .filter((link) => !isIdentity(link))
      .map(({ source, source_id: sourceId }) => ({ source, sourceId })),
    providers: links.filter(isIdentity).map(({ source }) => source.slice(identityPrefix.length)),
  }
}

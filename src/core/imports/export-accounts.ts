import type { AccountRow, LegacyLinkRow } from '../../store/schema.ts'
import type { Belongings } from '../../store/tables/imports/leaving.ts'
import { timeOf } from '../accounts/present.ts'
import { recordEvent } from '../audit/audit.ts'
import type { RealmContext } from '../context.ts'
import { type Held, heldByEach, secretOf } from '../factors/held.ts'
import type { HashSecrets } from '../passwords/imported-hashes.ts'
import { leavingAddresses } from './known-addresses.ts'
import type { ImportRecord } from './neutral.ts'

/** An account in the neutral form, with all that proves somebody to be its owner but recovery codes. */
export interface ExportedAccount {
  record: ImportRecord
  /** Only their hashes are held here, so they stay behind. */
  recoveryCodesLeft: number
  /** Why its password cannot be checked elsewhere, where that is so. */
  passwordLeft?: 'its secret is not here'
}

/** What accounts that were opened here are said to come from. */
const ownSource = 'manydoors'

const pageSize = 500

/** The source of links that are names at identity providers, up to the provider. */
const identityPrefix = 'identity:'

/**
 * All accounts of a realm, by their ids, read as they are asked for; that they were handed out is noted in the audit
 * trail before the first. `secretIdOf` finds the id of the secret that a hash needs.
 */
export async function* exportAccounts(
  ctx: RealmContext,
  { secretIdOf }: { secretIdOf: (stored: string) => string | undefined },
): AsyncGenerator<ExportedAccount> {
  await recordEvent(ctx, 'accounts.exported', {})
  let after: string | undefined = ''
  while (after !== undefined) {
    const page: AccountPage = await ctx.store.accounts.list({ after, max: pageSize })
    after = page.last
    const ids = page.found.map(({ id }) => id)
    const belongings = ids.length > 0 ? byAccount(await ctx.store.leaving.belongings(ids)) : undefined
    const factors = await heldByEach(ctx, ids)
    for (const account of page.found) {
      const { links = [], recoveryCodesLeft = 0, addresses = [] } = belongings?.get(account.id) ?? {}
      const { left, ...password } = await passwordOf(account, ctx.hashSecrets, secretIdOf)
      const record: ImportRecord = {
        ...sourceOf(account, links),
        ...namesOf(account),
        ...password,
        ...factsOf(account),
        ...(addresses.length > 0 && { knownAddresses: addresses }),
        ...totpOf(ctx, factors.get(account.id) ?? []),
        ...identitiesOf(links),
      }
      yield { record, recoveryCodesLeft, ...(left && { passwordLeft: left }) }
    }
  }
}

interface AccountPage {
  found: AccountRow[]
  last?: string
}

/** What belongs to one account. */
interface Belonging {
  links?: LegacyLinkRow[]
  recoveryCodesLeft?: number
  addresses?: string[]
}

function byAccount({ links, recoveryCodes, addresses }: Belongings): Map<string, Belonging> {
  const found = new Map<string, Belonging>()
  const add = (id: string, part: Belonging) => void found.set(id, { ...found.get(id), ...part })
  for (const [id, own = []] of Object.entries(Object.groupBy(links, ({ account_id: id }) => id)))
    add(id, { links: own })
  for (const { accountId, count } of recoveryCodes) add(accountId, { recoveryCodesLeft: Number(count) })
  for (const [id, known = []] of Object.entries(Object.groupBy(addresses, ({ accountId }) => accountId)))
    add(id, { addresses: leavingAddresses(known.map(({ ip }) => ip)) })
  return found
}

/** Where the account came from, so that it is the same one wherever it comes to. */
function sourceOf(
  { id }: AccountRow,
  links: LegacyLinkRow[],
): Pick<ImportRecord, 'source' | 'sourceId' | 'id'> {
  const link = links.find(({ source }) => !source.startsWith(identityPrefix))
  return { source: link?.source ?? ownSource, sourceId: link?.source_id ?? id, id }
}

function namesOf(account: AccountRow): Partial<ImportRecord> {
  const { email, email_verified_at, username, phone, phone_verified_at } = account
  return {
    ...(email !== null && { email, emailVerified: email_verified_at !== null }),
    ...(username !== null && { username }),
    ...(phone !== null && { phone, phoneVerified: phone_verified_at !== null }),
  }
}

type LeavingPassword = Pick<ImportRecord, 'passwordHash' | 'password' | 'passwordPending'> & {
  left?: ExportedAccount['passwordLeft']
}

async function passwordOf(
  { password_hash: hash, password_pending: pending }: AccountRow,
  { secretOf }: HashSecrets,
  secretIdOf: (stored: string) => string | undefined,
): Promise<LeavingPassword> {
  if (hash === null) return pending === null ? {} : { passwordPending: pending }
  const secretId = secretIdOf(hash)
  if (secretId === undefined) return { passwordHash: hash }
  const secret = await secretOf(secretId)
  if (!secret) return { left: 'its secret is not here' }
  // Whoever takes it has an id of its own for the secret.
  const portable = hash.replace(`secret=${secretId}`, 'secret=exported')
  return { password: { kind: 'manydoors', hash: portable, secret: secret.toString('base64') } }
}

function factsOf(account: AccountRow): Partial<ImportRecord> {
  const { disabled_at, disabled_until, created_at, last_sign_in_at, invited_at, profile, attributes } =
    account
  return {
    ...(disabled_at !== null && { disabled: true }),
    ...(disabled_until !== null && { disabledUntil: timeOf(disabled_until) }),
    createdAt: timeOf(created_at),
    ...(last_sign_in_at !== null && { lastSignInAt: timeOf(last_sign_in_at) }),
    ...(invited_at !== null && { invitedAt: timeOf(invited_at) }),
    ...(profile !== '{}' && { profile: JSON.parse(profile) }),
    ...(attributes !== null && { attributes: JSON.parse(attributes) }),
  }
}

/** Those in force, the first one first. */
function totpOf(ctx: RealmContext, factors: Held[]): Pick<ImportRecord, 'totp'> {
  const inForce = factors.filter(({ confirmedAt }) => confirmedAt !== null)
  if (inForce.length === 0) return {}
  const totp = inForce.map((held) => ({
    secret: secretOf(ctx, held),
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
    ...(held.name !== '' && { name: held.name }),
  }))
  return { totp }
}

function identitiesOf(links: LegacyLinkRow[]): Pick<ImportRecord, 'identities'> {
  const identities = links
    .filter(({ source }) => source.startsWith(identityPrefix))
    .map(({ source, source_id }) => ({ provider: source.slice(identityPrefix.length), subject: source_id }))
  return identities.length === 0 ? {} : { identities }
}

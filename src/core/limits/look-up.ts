import { customerBlock, readForwardedAddress } from '../../lib/ip.ts'
import type { AccountRow } from '../../store/schema.ts'
import { accountNamed } from '../accounts/admin.ts'
import { withoutTag } from '../accounts/emails.ts'
import { identifierKey, identifierKeysOf, readIdentifier } from '../accounts/identifiers.ts'
import { readPhone } from '../accounts/phones.ts'
import { recordEvent, subjectsOfKey } from '../audit/audit.ts'
import { type AnyContext, type LimitCount, type RealmContext, transaction } from '../context.ts'
import { knownIps } from './account-limits.ts'
import { placeOf } from './code-limits.ts'
import { type LimitRule, limits } from './limits.ts'

/** What stands in the key of a rule. */
const rulesByKey = {
  address: [
    limits.signInPerIp,
    limits.weakPasswordsPerIp,
    limits.passkeysPerIp,
    limits.loginsPerIp,
    limits.authorizationsPerIp,
    limits.userCodesPerIp,
    limits.registrationsPerIp,
    limits.existenceProbesPerIp,
    limits.signUpsPerIp,
    limits.mailPerIp,
    limits.smsPerIp,
    limits.codesPerIp,
    limits.mailedCodesPerIp,
    limits.invalidTokensPerIp,
    limits.invalidRefreshesPerIp,
  ],
  /** A name that was typed as the account: what strangers share. */
  name: [
    limits.signInPerAccount,
    limits.signInPerAccountAtKnownIps,
    limits.mailPerMailbox,
    limits.mailPerMailboxAtKnownIps,
    limits.smsPerNumber,
    limits.smsPerNumberAtKnownIps,
    limits.spareSmsPerNumber,
    limits.codesPerNumber,
    limits.shortCodesPerNumber,
    limits.mailedCodesPerMailbox,
  ],
  nameAtAddress: [
    limits.signInPerAccountAndIp,
    limits.signInRatePerAccountAndIp,
    limits.weakPasswordsPerAccountAndIp,
    limits.mailPerMailboxAndIp,
    limits.smsPerNumberAndIp,
  ],
  nameAtCustomer: [limits.firstSignInPerAccountAndIp],
  /** The place is a MAC. */
  nameAtPlace: [limits.codesPerNumber, limits.shortCodesPerNumber, limits.mailedCodesPerMailbox],
  account: [
    limits.secondFactorPerAccount,
    limits.authenticatorPerAccount,
    limits.enrolmentsPerAccount,
    limits.profilePerAccount,
    limits.waysInPerAccount,
    limits.exportsPerAccount,
    limits.deletionsPerAccount,
    limits.nameChangesPerAccount,
  ],
  accountAtAddress: [limits.secondFactorPerAccount, limits.authenticatorPerAccount],
} satisfies Record<string, LimitRule[]>

/** Rules that are of nobody an operator could type, such as a device, a client, a country, or that count at the console. */
export const rulesOfNobody: LimitRule[] = [
  limits.pollsPerDevice,
  limits.smsPerClient,
  limits.smsPerCountry,
  limits.adminPerIp,
  limits.adminTokensPerIp,
]

/** Every rule that is found by an account or an address. */
export const rulesOfSomebody: LimitRule[] = [...new Set(Object.values(rulesByKey).flat())]

/** A count as operators see it. */
export interface FoundCount {
  /** The name of its rule; `-customer` stands behind it for the /48 around an IPv6 address. */
  rule: string
  points: number
  seconds: number
  used: number
  /** When it is none again, in epoch milliseconds. */
  endsAt: number
  isUsedUp: boolean
  /** Whose it is: an identifier, `account`, or neither. */
  who?: string
  /** The address that it is of alone, where it is. */
  address?: string
}

/** What was found for what an operator has typed. */
export interface LookUp {
  /** It was an IP address. */
  address?: string
  /** It names that account. */
  account?: AccountRow
  counts: FoundCount[]
}

/** A count that may be there. */
interface Place extends Pick<FoundCount, 'who' | 'address'> {
  rule: LimitRule
  key: string
}

/** Addresses of one account that are looked at: each has counts of its own. */
const maxAddresses = 20
/** How far back the trail is read for addresses that strangers have tried an account from. */
const trailMs = 24 * 60 * 60_000
const trailRows = 200

/**
 * The counts of an IP address, or those of an account as an operator names it, alone and at the addresses that it is known
 * at or was tried from in the last day. Keys are hashes, so that nothing can be listed: what is asked for is looked for.
 * Of a name that nobody has the counts are found, too. Throws `AmbiguousAccount`.
 */
export async function lookUpLimits(ctx: RealmContext, typed: string): Promise<LookUp> {
  const { places, ...subject } = await placesOf(ctx, typed.trim())
  const found = await ctx.limiter.read(places)
  const placeOfKey = new Map(places.map((place) => [place.key, place]))
  const counts = found
    .filter(({ endsAt }) => endsAt > ctx.now())
    .map((count) => present(count, placeOfKey.get(count.key)))
    .sort((one, other) => Number(other.isUsedUp) - Number(one.isUsedUp) || (one.rule < other.rule ? -1 : 1))
  return { ...subject, counts }
}

/**
 * Sets back every count that `lookUpLimits` finds, and returns these. Other nodes may go on refusing for five seconds.
 */
export async function clearLimits(ctx: AnyContext, typed: string): Promise<LookUp> {
  const found = await lookUpLimits(ctx, typed)
  const { places } = await placesOf(ctx, typed.trim())
  const counted = new Set(found.counts.map(({ rule }) => rule.replace(/-customer$/, '')))
  await Promise.all(
    places.filter(({ rule }) => counted.has(rule.name)).map(({ rule, key }) => ctx.limiter.clear(rule, key)),
  )
  const accountId = found.account?.id
  const subject = found.address === undefined && !found.account ? nameKeysOf(typed.trim())[0] : undefined
  await transaction(ctx, (ctx) =>
    recordEvent(ctx, 'limits.cleared', { accountId, subject, detail: found.address }),
  )
  return found
}

function present({ rule, used, endsAt }: LimitCount, place: Place | undefined): FoundCount {
  const { who, address } = place ?? {}
  const { name, points, seconds } = rule
  const isUsedUp = used >= points
  return {
    rule: name,
    points,
    seconds,
    used: Math.min(used, points),
    endsAt,
    isUsedUp,
    ...(who !== undefined && { who }),
    ...(address !== undefined && { address }),
  }
}

/** Where what was typed may be counted. */
async function placesOf(
  ctx: RealmContext,
  typed: string,
): Promise<Pick<LookUp, 'address' | 'account'> & { places: Place[] }> {
  const address = readForwardedAddress(typed)
  if (address !== undefined)
    return { address, places: rulesByKey.address.map((rule) => ({ rule, key: address, address })) }
  const account = await accountNamed(ctx, typed)
  const names = account ? identifierKeysOf(account) : nameKeysOf(typed)
  const addresses = await addressesOf(ctx, account, names)
  return {
    ...(account && { account }),
    places: [
      ...names.flatMap((name) => placesOfName(ctx, name, addresses)),
      ...(account ? placesOfAccount(account.id, addresses) : []),
    ],
  }
}

/** How a name that no account has may have been typed. */
function nameKeysOf(typed: string): string[] {
  const phone = readPhone(typed)
  return [...(phone === undefined ? [] : [identifierKey({ phone })]), identifierKey(readIdentifier(typed))]
}

/** The addresses that an account is known at, and those that somebody has lately tried it from. */
async function addressesOf(
  ctx: RealmContext,
  account: AccountRow | undefined,
  names: string[],
): Promise<string[]> {
  const of = {
    accountId: account?.id ?? '',
    subjects: names.flatMap((name) => subjectsOfKey(ctx, name)),
  }
  const [known, rows] = await Promise.all([
    account ? knownIps(ctx, account.id) : [],
    ctx.store.audit.listBefore(undefined, { of, since: ctx.now() - trailMs }, trailRows),
  ])
  const seen = rows.flatMap(({ ip }) => ip ?? [])
  return [...new Set([...seen, ...known])].slice(0, maxAddresses)
}

function placesOfName(ctx: RealmContext, name: string, addresses: string[]): Place[] {
  const own = rulesByKey.name.map((rule) => ({ rule, key: name, who: name }))
  const atAddresses = addresses.flatMap((address) => [
    ...rulesByKey.nameAtAddress.map((rule) => ({ rule, key: `${address} ${name}`, who: name, address })),
    ...rulesByKey.nameAtCustomer.map((rule) => ({
      rule,
      key: `${customerBlock(address) ?? address} ${name}`,
      who: name,
      address,
    })),
    ...rulesByKey.nameAtPlace.map((rule) => ({
      rule,
      key: `${placeOf(ctx, address)} ${name}`,
      who: name,
      address,
    })),
    ...mailboxPlaces(name, address),
  ])
  return [...own, ...atAddresses]
}

/** For one place the mailbox counts, whatever the tag of its address. */
function mailboxPlaces(name: string, address: string): Place[] {
  const [, email] = /^email:(.*)$/.exec(name) ?? []
  const mailbox = email === undefined ? undefined : withoutTag(email)
  if (mailbox === undefined || mailbox === email) return []
  const key = `${address} ${identifierKey({ email: mailbox })}`
  return [{ rule: limits.mailPerMailboxAndIp, key, who: name, address }]
}

function placesOfAccount(id: string, addresses: string[]): Place[] {
  return [
    ...rulesByKey.account.map((rule) => ({ rule, key: id, who: 'account' })),
    ...addresses.flatMap((address) =>
      rulesByKey.accountAtAddress.map((rule) => ({ rule, key: `${address} ${id}`, who: 'account', address })),
    ),
  ]
}

import type { LegacyLinkRow } from '../../store/schema.ts'
import type { FoundAccount } from '../../store/tables/imports/imported-accounts.ts'
import type { RealmContext } from '../context.ts'
import type { Candidate } from './candidate.ts'

/** What is there already of whatever a batch of candidates is called. */
export interface Found {
  /** The link of a name in another system. */
  link(source: string, sourceId: string): LegacyLinkRow | undefined
  /** Also of another realm. */
  byId(id: string): FoundAccount | undefined
  /** By a name of this realm, which is folded. */
  byName(kind: NameKind, name: string): FoundAccount | undefined
}

/** What an account is found by, in this order. */
export const nameKinds = ['email', 'username', 'phone'] as const
export type NameKind = (typeof nameKinds)[number]

/** A candidate's name of that kind, as it is compared. */
export function nameOf(kind: NameKind, candidate: Candidate): string | undefined {
  return kind === 'username' ? candidate.usernameKey : candidate[kind]
}

/** Looks all names of a batch up at once; accounts that are linked already are read where `withLinked` says so. */
export async function lookUp(
  ctx: RealmContext,
  candidates: Candidate[],
  { withLinked }: { withLinked: boolean },
): Promise<Found> {
  const links = await findLinks(ctx, candidates)
  const link = (source: string, sourceId: string) => links.get(linkKey(source, sourceId))
  const isNew = ({ source, sourceId }: Candidate) => !link(source, sourceId)
  const sought = withLinked ? candidates : candidates.filter(isNew)
  const namesOf = (kind: NameKind) => distinct(sought.map((candidate) => nameOf(kind, candidate)))
  const linked = sought.map(({ source, sourceId }) => link(source, sourceId)?.account_id)
  const accounts = await ctx.store.importedAccounts.find({
    ids: distinct([...linked, ...sought.map(({ id }) => id)]),
    emails: namesOf('email'),
    usernames: namesOf('username'),
    phones: namesOf('phone'),
  })
  const found = indexed(accounts, ctx.realm.name)
  const isThere = (candidate: Candidate) =>
    nameKinds.some((kind) => found.byName(kind, nameOf(kind, candidate) ?? '') !== undefined)
  // Another run may have brought the same people between the two reads: then they are linked by now.
  if (!sought.some((candidate) => isNew(candidate) && isThere(candidate))) return { link, ...found }
  const fresh = await findLinks(ctx, candidates)
  return { link: (source, sourceId) => fresh.get(linkKey(source, sourceId)), ...found }
}

async function findLinks(ctx: RealmContext, candidates: Candidate[]): Promise<Map<string, LegacyLinkRow>> {
  const names = candidates.flatMap(({ source, sourceId, identities }) => [
    { source, source_id: sourceId },
    ...identities.map(({ source, subject }) => ({ source, source_id: subject })),
  ])
  const links = await ctx.store.legacyLinks.find(names)
  return new Map(links.map((link) => [linkKey(link.source, link.source_id), link]))
}

function indexed(accounts: FoundAccount[], realm: string): Pick<Found, 'byId' | 'byName'> {
  const ids = new Map<string, FoundAccount>()
  const names = new Map<string, FoundAccount>()
  for (const account of accounts) {
    ids.set(account.id, account)
    if (account.realm !== realm) continue
    names.set(`email ${account.email}`, account)
    names.set(`username ${account.username_key}`, account)
    names.set(`phone ${account.phone}`, account)
  }
  return { byId: (id) => ids.get(id), byName: (kind, name) => names.get(`${kind} ${name}`) }
}

function distinct(names: (string | undefined)[]): string[] {
  return [...new Set(names)].filter((name) => name !== undefined)
}

/** A source has no blank. */
function linkKey(source: string, sourceId: string): string {
  return `${source} ${sourceId}`
}

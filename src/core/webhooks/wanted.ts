import type { RealmContext } from '../context.ts'

/** What of it each realm has, by its name; `rows` are those of all realms. */
export function wantedByRealm(rows: { realm: string; types: string }[]): Map<string, ReadonlySet<string>> {
  const patterns = new Map<string, Set<string>>()
  for (const { realm, types } of rows) {
    const known = patterns.get(realm) ?? new Set()
    for (const type of JSON.parse(types) as string[]) known.add(type)
    patterns.set(realm, known)
  }
  return patterns
}

/** Takes over what other nodes and commands have changed, in place: every context of a realm holds it. */
export function learnWanted(
  realms: Iterable<Pick<RealmContext, 'realm' | 'wantedEvents'>>,
  rows: { realm: string; types: string }[],
): void {
  const patterns = wantedByRealm(rows)
  for (const { realm, wantedEvents } of realms) wantedEvents.patterns = patterns.get(realm.name) ?? new Set()
}

/** Has this process know at once what it has changed itself. */
export async function relearnWanted(ctx: RealmContext): Promise<void> {
  const rows = await ctx.store.webhooks.list()
  ctx.wantedEvents.patterns = wantedByRealm(rows).get(ctx.realm.name) ?? new Set()
}

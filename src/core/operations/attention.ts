import type { RealmContext } from '../context.ts'

/** What of a realm needs somebody's hand; counts of up to a thousand. */
export interface RealmTroubles {
  /** Messages and calls that were given up in the last day. */
  givenUp: number
  /** For how long the oldest job that is due waits, in seconds; 0 where none waits for a minute. */
  jobLagSeconds: number
  /** Sessions that were shown a token twice in the last day: thefts, it may be. */
  reuses: number
  /** The signing key is older than it should get, by two days and more. */
  isKeyDue: boolean
}

const dayMs = 24 * 60 * 60_000
const lateAfterSeconds = 60

/** What needs a hand in a realm whose keys sign for so long. */
export async function troublesOf(
  ctx: RealmContext,
  { rotateKeysEverySeconds }: { rotateKeysEverySeconds: number },
): Promise<RealmTroubles> {
  const now = ctx.now()
  const { troubles, signingKeys } = ctx.store
  const [givenUp, dueSince, reuses, keys] = await Promise.all([
    troubles.givenUpSince(now - dayMs),
    troubles.dueSince(now),
    troubles.reusesSince(now - dayMs),
    signingKeys.list(),
  ])
  const lagSeconds = dueSince === undefined ? 0 : Math.floor((now - dueSince) / 1000)
  const signing = keys.filter((key) => key.activated_at !== null && key.retired_at === null)
  const newest = Math.max(...signing.map((key) => key.activated_at ?? 0))
  return {
    givenUp,
    jobLagSeconds: lagSeconds > lateAfterSeconds ? lagSeconds : 0,
    reuses,
    isKeyDue: signing.length > 0 && now - newest > rotateKeysEverySeconds * 1000 + 2 * dayMs,
  }
}

/** The owners who would be locked out with one lost device: those with a single passkey. Of the realm of operators. */
export async function ownersWithOnePasskey({ store }: RealmContext): Promise<string[]> {
  const owners = (await store.operators.list()).filter(
    ({ role, disabled_at }) => role === 'owner' && disabled_at === null,
  )
  const keys = await Promise.all(owners.map(({ account_id }) => store.passkeys.listOf(account_id)))
  return owners.filter((_, index) => keys[index]?.length === 1).map(({ account_id }) => account_id)
}

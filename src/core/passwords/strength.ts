import { foldUsername } from '../../lib/fold-username.ts'
import { identifierKeysOf } from '../accounts/identifiers.ts'
import type { AnyContext, RequestContext } from '../context.ts'
import { type CountedUse, consumePerIp, refundUses } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import type { Weakness } from './guess.ts'

/** Whose password it is: what others know of them. */
export interface PasswordOwner {
  email?: string | null
  username?: string | null
  phone?: string | null
}

/**
 * What makes a password easy to guess: that it is common or follows a pattern, or that it is little more than the
 * owner's name or address or the name of the service. `undefined` when it is hard to guess. Weak ones are counted, for
 * requests, as judging takes work. Throws `rate_limited`, `overloaded`.
 */
export async function findWeakness(
  ctx: AnyContext,
  password: string,
  owner: PasswordOwner,
): Promise<Weakness | undefined> {
  const judge = () => ctx.judge.findWeakness({ password, known: knownWords(ctx, owner) }, ctx.origin)
  const { origin } = ctx
  return origin ? countWeak({ ...ctx, origin }, owner, judge) : judge()
}

/** Counts first, or passwords sent all at once would all be judged; one that is hard to guess is taken back. */
async function countWeak(
  ctx: RequestContext,
  owner: PasswordOwner,
  judge: () => Promise<Weakness | undefined>,
): Promise<Weakness | undefined> {
  const key = ownerKey(owner)
  const uses: CountedUse[] = []
  let weakness: Weakness | undefined
  try {
    // One after the other: what is refused for one account uses nothing up for its neighbours.
    uses.push(...(await consumePerIp(ctx, [{ rule: limits.weakPasswordsPerAccountAndIp, key }])))
    uses.push(...(await consumePerIp(ctx, [{ rule: limits.weakPasswordsPerIp }])))
    weakness = await judge()
    return weakness
  } finally {
    if (!weakness) await refundUses(ctx, uses)
  }
}

/** One name of the owner; nothing where none is known. */
function ownerKey({ email = null, username = null, phone = null }: PasswordOwner): string {
  return identifierKeysOf({ email, phone, username_key: username && foldUsername(username) })[0] ?? ''
}

/** What somebody who knows the owner and the service would try first, whole and in words, in small letters. */
function knownWords({ realm, clients }: AnyContext, { email, username, phone }: PasswordOwner): string[] {
  const [mailbox, domain = ''] = email?.split('@') ?? []
  const brands = [realm.name, realm.brand?.name, ...clients.map(({ brand }) => brand.name)]
  const names = [email, mailbox, domain.replace(/\.[^.]*$/, ''), username, phone, ...brands]
  const words = names.flatMap((name) => (name ? [name, ...name.split(/[^\p{L}\p{N}]+/u)] : []))
  // In the form that passwords are judged in.
  return [...new Set(words.map((word) => word.normalize('NFC').toLowerCase()))].filter(
    (word) => word.length > 2,
  )
}

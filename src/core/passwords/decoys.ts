import type { PasswordCounts } from '../../store/tables/accounts/password-kinds.ts'
import type { RealmContext } from '../context.ts'
import type { Decoys } from './imported-hashes.ts'

interface Kind {
  label: string
  /** How many accounts have it. */
  weight: number
  /** `undefined`: one of our own. */
  hash: string | undefined
}

/** How old the shares may be. */
const countedForMs = 10 * 60_000
/** How many kinds are told apart: each takes a MAC for every sign-in. The least frequent are left out. */
const maxKinds = 16
/** Of the MAC: as many as a number holds exactly. */
const drawnBytes = 6

/** The decoys of one realm. It has none of foreign kinds before it is refreshed. */
export function createDecoys(ctx: Pick<RealmContext, 'realm' | 'store' | 'secrets' | 'now'>): Decoys {
  let kinds: Kind[] = []
  let labels = ''
  let countedAt = Number.NEGATIVE_INFINITY
  let counts = { accounts: 0, pending: 0, imported: 0 }

  /** When the name is drawn as that kind, in a race of all: the first one has it. */
  const arrival = (name: string, { label, weight }: Kind): number => {
    const mac = ctx.secrets.steadyMac('decoy', `${ctx.realm.name}\n${label}\n${name}`)
    const drawn = (mac.readUIntBE(0, drawnBytes) + 1) / 2 ** (8 * drawnBytes)
    return -Math.log(drawn) / weight
  }

  return {
    of: (name) => {
      if (kinds.length === 0) return undefined
      let first: Kind | undefined
      let best = Number.POSITIVE_INFINITY
      for (const kind of kinds) {
        const at = arrival(name, kind)
        if (at < best) [first, best] = [kind, at]
      }
      return first?.hash
    },
    refresh: async () => {
      const now = ctx.now()
      const seen = (await ctx.store.accounts.passwordLabels()).join('\n')
      if (seen === labels && (seen === '' || now - countedAt < countedForMs)) return
      const counted = await ctx.store.accounts.countPasswords()
      kinds = kindsOf(counted)
      labels = seen
      countedAt = now
      const imported = counted.kinds.reduce((sum, { accounts }) => sum + accounts, 0)
      counts = { accounts: counted.accounts, pending: counted.pending, imported }
    },
    counts: () => counts,
  }
}

/** Nothing when all hashes are our own. */
function kindsOf({ accounts, pending, kinds }: PasswordCounts): Kind[] {
  if (kinds.length === 0) return []
  const imported = kinds.reduce((sum, { accounts }) => sum + accounts, 0)
  const foreign = kinds
    .toSorted((one, other) => other.accounts - one.accounts)
    .slice(0, maxKinds)
    .map(({ label, accounts, sample }) => ({ label, weight: accounts, hash: sample }))
  const own = accounts - pending - imported
  return own > 0 ? [{ label: '', weight: own, hash: undefined }, ...foreign] : foreign
}

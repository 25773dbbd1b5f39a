import type { HashSecretRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import { nonceBytes, UnsealError } from '../keys/master-key.ts'
import type { HashSecrets } from './imported-hashes.ts'

/** How many secrets are remembered, and how many that are not there. */
const maxRemembered = 100
/** How long one that was not there is not looked up again. */
const missingForMs = 10_000

/** In hexadecimal digits. */
const idLength = 24

type Keeper = Pick<RealmContext, 'realm' | 'store' | 'secrets' | 'now' | 'randomBytes'>

/**
 * Keeps a secret that hashes of another system were made with, such as a pepper, sealed, and returns its id: the same one
 * for the same secret of a realm.
 */
export async function keepHashSecret(ctx: Keeper, secret: Buffer): Promise<string> {
  for (const row of await ctx.store.hashSecrets.list()) if (open(ctx, row)?.equals(secret)) return row.id
  // Of two at once, both get this one. A secret that is easy to guess cannot be found out from it without the key.
  const mac = ctx.secrets.mac('hash-secret', `${ctx.realm.name} ${secret.toString('base64')}`)
  const id = mac.toString('hex').slice(0, idLength)
  const nonce = ctx.randomBytes(nonceBytes)
  const { sealed, keyId } = ctx.secrets.seal(secret.toString('base64'), hashSecretContext(id), nonce)
  await ctx.store.hashSecrets.add({
    id,
    secret_sealed: sealed,
    sealed_under: keyId,
    created_at: ctx.now(),
  })
  return id
}

/** What a secret of hashes is sealed for. */
export function hashSecretContext(id: string): string {
  return `hash-secret ${id}`
}

/** The secrets of one realm, each looked up when it is first asked for: an import may add some at any time. */
export function createHashSecrets(
  ctx: Pick<RealmContext, 'realm' | 'store' | 'secrets' | 'now' | 'log'>,
): HashSecrets {
  const found = new Map<string, Buffer>()
  const missing = new Map<string, number>()
  const remember = <T>(memory: Map<string, T>, id: string, value: T) => {
    const [oldest] = memory.keys()
    if (memory.size >= maxRemembered && oldest !== undefined) memory.delete(oldest)
    memory.set(id, value)
  }

  return {
    secretOf: async (id) => {
      const known = found.get(id)
      if (known) return known
      const lookedUpAt = missing.get(id)
      if (lookedUpAt !== undefined && ctx.now() - lookedUpAt < missingForMs) return undefined
      const row = await ctx.store.hashSecrets.byId(id)
      const secret = row && open(ctx, row)
      if (secret) {
        missing.delete(id)
        remember(found, id, secret)
        return secret
      }
      if (lookedUpAt === undefined)
        ctx.log.error({ realm: ctx.realm.name, secret: id }, 'a secret that password hashes need is missing')
      missing.delete(id)
      remember(missing, id, ctx.now())
      return undefined
    },
  }
}

function open({ secrets }: Pick<RealmContext, 'secrets'>, row: HashSecretRow): Buffer | undefined {
  try {
    return Buffer.from(secrets.unseal(row.secret_sealed, hashSecretContext(row.id)), 'base64')
  } catch (error) {
    if (error instanceof UnsealError) return undefined
    throw error
  }
}

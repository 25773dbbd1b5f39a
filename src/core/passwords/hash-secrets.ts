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

/** Gives secrets of hashes the ids that stand in the hashes in their place, and keeps them. */
export interface HashSecretKeeper {
  /** The same for the same secret of a realm, whoever asks. Nothing is kept by that. */
  idOf(secret: Buffer): string
  /** Keeps, sealed, those that were given an id and are not kept yet. */
  save(): Promise<void>
}

/** A keeper that knows the secrets of the realm that there are. */
export async function openHashSecretKeeper(ctx: Keeper): Promise<HashSecretKeeper> {
  const ids = new Map<string, string>()
  for (const row of await ctx.store.hashSecrets.list()) {
    const secret = open(ctx, row)
    if (secret) ids.set(secret.toString('base64'), row.id)
  }
  const unsaved = new Map<string, string>()
  const name = (text: string): string => {
    // Of two at once, both give this one. An easy secret cannot be found out from it without the key.
    const mac = ctx.secrets.mac('hash-secret', `${ctx.realm.name} ${text}`)
    const id = mac.toString('hex').slice(0, idLength)
    ids.set(text, id)
    unsaved.set(text, id)
    return id
  }

  return {
    idOf: (secret) => {
      const text = secret.toString('base64')
      return ids.get(text) ?? name(text)
    },
    save: async () => {
      for (const [text, id] of unsaved) {
        const nonce = ctx.randomBytes(nonceBytes)
        const { sealed, keyId } = ctx.secrets.seal(text, hashSecretContext(id), nonce)
        await ctx.store.hashSecrets.add({
          id,
          secret_sealed: sealed,
          sealed_under: keyId,
          created_at: ctx.now(),
        })
        unsaved.delete(text)
      }
    },
  }
}

/** Keeps a secret that hashes of another system were made with, such as a pepper, and returns its id. */
export async function keepHashSecret(ctx: Keeper, secret: Buffer): Promise<string> {
  const keeper = await openHashSecretKeeper(ctx)
  const id = keeper.idOf(secret)
  await keeper.save()
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

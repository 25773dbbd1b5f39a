import type { RetainedKeyStore } from '../../store/tables/retained-keys.ts'
import type { SealedRow, SealedTexts } from '../../store/tables/sealed.ts'
import type { RealmContext } from '../context.ts'
import { authenticatorContext } from '../factors/held.ts'
import { artifactContext } from '../openid/artifacts.ts'
import { hashSecretContext } from '../passwords/hash-secrets.ts'
import { totpContext } from '../sign-in/authenticator.ts'
import { webhookSecretContext } from '../webhooks/secrets.ts'
import { nonceBytes, UnsealError } from './master-key.ts'
import { retainedKeysContext } from './retained-keys.ts'
import { signingKeyContext } from './signing-keys.ts'

/** What became of sealed texts. */
export interface Resealed {
  /** How many are sealed under the primary master key now. */
  done: number
  /** What those are for that none of the master keys opens; they are left as they are. */
  unopened: string[]
}

/** How many texts are resealed at the same time: few, as others wait for the database too. */
const batch = 10

type Sealer = Pick<RealmContext, 'secrets' | 'randomBytes' | 'now'>

/**
 * Reseals, under the primary master key, at most `max` texts of a realm that are sealed under a previous one. What is
 * changed meanwhile stays as it is. Several nodes may do it at once.
 */
export async function resealRealm(ctx: RealmContext, max: number): Promise<Resealed> {
  const { signingKeys, hashSecrets, totp, authenticators, openidArtifacts, webhookSecrets } = ctx.store
  const tables = [
    { texts: signingKeys, contextOf: signingKeyContext },
    { texts: hashSecrets, contextOf: hashSecretContext },
    { texts: totp, contextOf: totpContext },
    { texts: authenticators, contextOf: authenticatorContext },
    { texts: openidArtifacts, contextOf: artifactContext },
    { texts: webhookSecrets, contextOf: webhookSecretContext },
  ]
  const all: Resealed = { done: 0, unopened: [] }
  for (const { texts, contextOf } of tables) {
    const { done, unopened } = await resealTable(ctx, max - all.done, texts, contextOf)
    all.done += done
    all.unopened.push(...unopened)
  }
  return all
}

/** Reseals at most `max` texts that belong to no realm, as `resealRealm` does. */
export function resealRetainedKeys(ctx: Sealer, store: RetainedKeyStore, max: number): Promise<Resealed> {
  return resealTable(ctx, max, store, retainedKeysContext)
}

async function resealTable(
  ctx: Sealer,
  max: number,
  texts: SealedTexts,
  contextOf: (id: string) => string,
): Promise<Resealed> {
  const resealed: Resealed = { done: 0, unopened: [] }
  const { previousIds } = ctx.secrets
  let after = ''
  while (previousIds.length > 0 && resealed.done < max) {
    const range = { after, max: Math.min(batch, max - resealed.done), now: ctx.now() }
    const rows = await texts.sealedUnder(previousIds, range)
    const last = rows.at(-1)
    if (!last) break
    const outcomes = await Promise.all(rows.map((row) => resealRow(ctx, texts, row, contextOf(row.id))))
    resealed.done += outcomes.filter((outcome) => outcome === 'done').length
    resealed.unopened.push(
      ...rows.filter((_, index) => outcomes[index] === 'unopened').map(({ id }) => contextOf(id)),
    )
    after = last.id
  }
  return resealed
}

async function resealRow(
  { secrets, randomBytes }: Sealer,
  texts: SealedTexts,
  row: SealedRow,
  context: string,
): Promise<'done' | 'changed' | 'unopened'> {
  try {
    const plain = secrets.unseal(row.sealed, context)
    const isDone = await texts.reseal(row, secrets.seal(plain, context, randomBytes(nonceBytes)))
    return isDone ? 'done' : 'changed'
  } catch (error) {
    if (error instanceof UnsealError) return 'unopened'
    throw error
  }
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { RealmContext } from '../context.ts'
import type { Client } from './client.ts'

/** Whether it is the client's secret, or the one before it while that is good. Compared in constant time. */
export async function checkClientSecret(
  ctx: RealmContext,
  { dialect, id }: Pick<Client, 'dialect' | 'id'>,
  secret: string,
): Promise<boolean> {
  const row = (await ctx.store.clients.list()).find((row) => row.dialect === dialect && row.id === id)
  if (!row?.secret_hash) return false
  const shown = createHash('sha256').update(secret).digest()
  const known = Buffer.from(row.secret_hash, 'base64url')
  return shown.length === known.length && timingSafeEqual(shown, known)
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { ClientRow } from '../../store/schema.ts'
import type { Client } from './client.ts'

export type ClientName = Pick<Client, 'dialect' | 'id'>

/** A secret that a client may show; `endsAt` in epoch milliseconds, where it has been replaced. */
interface KnownSecret {
  digest: Buffer
  endsAt?: number
}

/** The secrets of the clients of a realm, which no `Client` has, so that none is ever presented or logged. */
export type ClientSecrets = Map<string, KnownSecret[]>

/** SHA-256 of a secret, as it is stored: it has as many bits as a key, so there is nothing to guess and no salt is needed. */
export function hashClientSecret(secret: string): string {
  return digestOf(secret).toString('base64url')
}

/** Where they are kept, by whoever has a realm. */
interface KnownHere {
  clientSecrets: ClientSecrets
}

/** What is stored of the secrets of these clients. */
export function secretsOf(rows: ClientRow[]): ClientSecrets {
  return new Map(rows.map((row) => [keyOf(row), knownSecrets(row)]))
}

function knownSecrets(row: ClientRow): KnownSecret[] {
  const { secret_hash: current, previous_secret_hash: previous, previous_secret_ends_at: endsAt } = row
  return [
    ...(current === null ? [] : [{ digest: Buffer.from(current, 'base64url') }]),
    ...(previous === null || endsAt === null ? [] : [{ digest: Buffer.from(previous, 'base64url'), endsAt }]),
  ]
}

/** Has this process know at once what it has written of a client's secrets. */
export function noteClientSecrets({ clientSecrets }: KnownHere, row: ClientRow): void {
  clientSecrets.set(keyOf(row), knownSecrets(row))
}

/** Whether a client has a secret that it could show. */
export function hasClientSecret({ clientSecrets }: KnownHere, client: ClientName): boolean {
  return (clientSecrets.get(keyOf(client)) ?? []).length > 0
}

/**
 * Whether it is a secret of the client, or the one before it while that is still good. No database is asked: what another
 * node has replaced is known within seconds. How long it takes says nothing of the secret.
 */
export function checkClientSecret(
  { clientSecrets, now }: KnownHere & { now(): number },
  client: ClientName,
  secret: string,
): boolean {
  const shown = digestOf(secret)
  const at = now()
  let isRight = false
  for (const { digest, endsAt = Number.POSITIVE_INFINITY } of clientSecrets.get(keyOf(client)) ?? [])
    if (timingSafeEqual(digest, shown) && at < endsAt) isRight = true
  return isRight
}

function keyOf({ dialect, id }: ClientName): string {
  return `${dialect} ${id}`
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

import type { ClientRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { randomText } from '../keys/random-text.ts'
import type { Client } from './client.ts'
import { type ClientName, hashClientSecret, noteClientSecrets, secretsOf } from './client-secret.ts'
import { asSet, fromRow, toRow } from './clients.ts'

/** A client with what only operators see of it. */
export interface KnownClient extends Client {
  /** The configuration declares it: it cannot be removed here. */
  isDeclared: boolean
  /** Since when it has its secret, in epoch milliseconds. */
  secretSetAt?: number
}

/** Every client of the realm as the database has it, by dialect and id. */
export async function listClients(ctx: RealmContext): Promise<KnownClient[]> {
  return (await ctx.store.clients.list()).map(known)
}

/** One client of the realm; `undefined` when there is none. */
export async function clientNamed(
  ctx: RealmContext,
  { dialect, id }: ClientName,
): Promise<KnownClient | undefined> {
  return (await listClients(ctx)).find((client) => client.dialect === dialect && client.id === id)
}

/**
 * Registers a client that no configuration declares, with a secret if it is given one, of which the hash is kept; running
 * servers know it within seconds. Returns `false` when its dialect has a client with that id already, in any case.
 */
export function addClient(ctx: AnyContext, client: Client, secret?: string): Promise<boolean> {
  return transaction(stopClock(ctx), async (ctx) => {
    const wanted = client.id.toLowerCase()
    const others = await ctx.store.clients.list()
    const isTaken = others.some(
      ({ dialect, id }) => dialect === client.dialect && id.toLowerCase() === wanted,
    )
    if (isTaken || !(await ctx.store.clients.add(toRow(client)))) return false
    if (secret !== undefined)
      await ctx.store.clients.setSecret(client, {
        hash: hashClientSecret(secret),
        previousEndsAt: null,
        now: ctx.now(),
      })
    await recordEvent(ctx, 'client.added', { client })
    return true
  })
}

/**
 * Writes over a client that no configuration declares; its secret stays. Returns `false` when there is none. Running servers
 * know of it within seconds.
 */
export function changeClient(ctx: AnyContext, client: Client): Promise<boolean> {
  return transaction(ctx, async (ctx) => {
    const known = await clientNamed(ctx, client)
    if (!known || known.isDeclared) return false
    await ctx.store.clients.change(toRow(client))
    await recordEvent(ctx, 'client.changed', { client })
    return true
  })
}

/**
 * Removes a client that no configuration declares; `undefined` when there is none. Where a door binds tokens to
 * clients, its own are refused until a client of that id is added again.
 */
export function removeClient(ctx: AnyContext, name: ClientName): Promise<Client | undefined> {
  return transaction(ctx, async (ctx) => {
    const row = await ctx.store.clients.remove(name)
    if (!row) return undefined
    await recordEvent(ctx, 'client.removed', { client: name })
    return fromRow(row)
  })
}

/**
 * Replaces a client's secret and returns it: only its hash is kept. The one that it had stays good for `overlapSeconds`,
 * and the one before that is good no more. `undefined` when there is no such client.
 */
export function rotateClientSecret(
  ctx: AnyContext,
  name: ClientName,
  { overlapSeconds = 0 }: { overlapSeconds?: number } = {},
): Promise<string | undefined> {
  const secret = newClientSecret(ctx)
  return transaction(stopClock(ctx), async (ctx) => {
    const now = ctx.now()
    const row = await ctx.store.clients.setSecret(name, {
      hash: hashClientSecret(secret),
      previousEndsAt: overlapSeconds > 0 ? now + overlapSeconds * 1000 : null,
      now,
    })
    if (!row) return undefined
    await recordEvent(ctx, 'client.secret_rotated', { client: name })
    ctx.afterCommit(() => noteClientSecrets(ctx, row))
    return secret
  })
}

/** A secret of 256 random bits, for a client to show. */
export function newClientSecret({ randomBytes }: Pick<RealmContext, 'randomBytes'>): string {
  return randomBytes(32).toString('base64url')
}

/** An id of that form which no client of the dialect has. */
export async function newClientId(
  ctx: RealmContext,
  dialect: string,
  { alphabet, length }: { alphabet: string; length: number },
): Promise<string> {
  const clients = await ctx.store.clients.list()
  const taken = new Set(clients.filter((row) => row.dialect === dialect).map(({ id }) => id.toLowerCase()))
  while (true) {
    const id = randomText(ctx, alphabet, length)
    if (!taken.has(id.toLowerCase())) return id
  }
}

/** Takes over what was registered or removed since, in place: every context of the realm holds the list. */
export async function reloadClients(ctx: RealmContext): Promise<void> {
  const rows = await ctx.store.clients.list()
  ctx.clients.splice(0, ctx.clients.length, ...rows.map(asSet(ctx)))
  ctx.clientSecrets.clear()
  for (const [client, secrets] of secretsOf(rows)) ctx.clientSecrets.set(client, secrets)
}

/**
 * Takes over a client that another node has registered a moment ago. For an id that nobody has, one row is looked for and
 * nothing is read anew, however often it is asked for.
 */
export async function learnClient(ctx: RealmContext, name: ClientName): Promise<void> {
  if (await ctx.store.clients.has(name)) await reloadClients(ctx)
}

function known(row: ClientRow): KnownClient {
  return {
    ...fromRow(row),
    isDeclared: row.declared_at !== null,
    ...(row.secret_set_at !== null && { secretSetAt: row.secret_set_at }),
  }
}

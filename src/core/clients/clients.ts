import type { ClientRow } from '../../store/schema.ts'
import type { Context, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { declaredBrand } from '../settings/live-realm.ts'
import type { Brand, Client, ClientRef } from './client.ts'
import { secretsOf } from './client-secret.ts'

/** The clients of a realm, and what they show who they are with. */
type OpenedClients = Pick<RealmContext, 'clients' | 'clientSecrets'>

/** Writes the declared clients and reads all that are registered. One registered by hand overrides a declared one. */
export async function syncDeclaredClients(
  ctx: Pick<RealmContext, 'store' | 'now' | 'log' | 'declaredBrands'>,
  declared: Client[],
): Promise<OpenedClients> {
  const declaredAt = ctx.now()
  return ctx.store.transaction(async (store) => {
    const written = await store.clients.put(
      declared.map((client) => ({ ...toRow(client), declared_at: declaredAt })),
    )
    const isWritten = new Set(written.map(({ dialect, id }) => nameOf(dialect, id)))
    for (const { dialect, id } of declared)
      if (!isWritten.has(nameOf(dialect, id)))
        ctx.log.warn(
          { dialect, client: id },
          'a declared client was registered by hand, and stays as it was then',
        )
    await store.clients.removeUndeclared(declaredAt)
    const rows = await store.clients.list()
    return { clients: rows.map(asSet(ctx)), clientSecrets: secretsOf(rows) }
  })
}

/** The clients as a server would have them that declares these; nothing is written. */
export async function readClients(
  ctx: Pick<RealmContext, 'store'> & Partial<Pick<RealmContext, 'declaredBrands'>>,
  declared: Client[],
): Promise<OpenedClients> {
  const rows = await ctx.store.clients.list()
  const byHand = rows.filter((row) => row.declared_at === null).map(fromRow)
  const isTaken = ({ dialect, id }: Client) =>
    byHand.some((client) => client.dialect === dialect && client.id === id)
  const clients = [...byHand, ...declared.filter((client) => !isTaken(client)).map(branded(ctx))]
  return { clients, clientSecrets: secretsOf(rows) }
}

/** A stored client as settings have it presented. */
export function asSet(ctx: Pick<RealmContext, 'declaredBrands'>): (row: ClientRow) => Client {
  return (row) => (row.declared_at === null ? fromRow(row) : branded(ctx)(fromRow(row)))
}

function branded({ declaredBrands = new Map() }: Partial<Pick<RealmContext, 'declaredBrands'>>) {
  return (client: Client): Client => {
    const brand = declaredBrand({ declaredBrands }, client)
    return brand ? { ...client, brand } : client
  }
}

type Registry = Pick<RealmContext, 'clients'>

/** A list of clients by their names; of two with one name, the first counts. */
interface ClientIndex {
  /** The list as it was: whoever loads it anew makes every client anew. */
  first: Client | undefined
  length: number
  exact: Map<string, Client>
  /** Ids in small letters. */
  folded: Map<string, Client>
  /** By their dialects. */
  defaults: Map<string, Client>
}

const indexes = new WeakMap<Client[], ClientIndex>()

/** Made once for a list as it is: requests look for clients several times, and there may be thousands. */
function indexOf(clients: Client[]): ClientIndex {
  const known = indexes.get(clients)
  if (known && known.first === clients[0] && known.length === clients.length) return known
  const index: ClientIndex = {
    first: clients[0],
    length: clients.length,
    exact: new Map(),
    folded: new Map(),
    defaults: new Map(),
  }
  for (const client of clients.toReversed()) {
    index.exact.set(nameOf(client.dialect, client.id), client)
    index.folded.set(nameOf(client.dialect, client.id.toLowerCase()), client)
    if (client.kind === 'default') index.defaults.set(client.dialect, client)
  }
  indexes.set(clients, index)
  return index
}

function nameOf(dialect: string, id: string): string {
  return `${dialect}\0${id}`
}

/** All clients of the door that a request came through. */
export function clientsOfDoor({ clients, door }: Pick<Context, 'clients' | 'door'>): Client[] {
  return clients.filter(({ dialect }) => dialect === door.dialect)
}

/** The client of that dialect with that id, in any case. */
export function findClient({ clients }: Registry, dialect: string, id: string): Client | undefined {
  return indexOf(clients).folded.get(nameOf(dialect, id.toLowerCase()))
}

/** The registered client of that dialect with exactly that id. */
export function registeredClient({ clients }: Registry, dialect: string, id: string): Client | undefined {
  const client = indexOf(clients).exact.get(nameOf(dialect, id))
  return client?.kind === 'registered' ? client : undefined
}

/** The client that stands for every app of a dialect that does not name itself; `undefined` when none is registered. */
export function findDefaultClient({ clients }: Registry, dialect: string): Client | undefined {
  return indexOf(clients).defaults.get(dialect)
}

/** The client that stands for every app of a dialect that does not name itself. Throws when none is registered. */
export function defaultClient(registry: Registry, dialect: string): Client {
  const client = findDefaultClient(registry, dialect)
  if (!client) throw new Error(`dialect ${dialect} has no default client`)
  return client
}

/** The client that sends a request, as jobs and tickets keep it. */
export function clientRef({ door, client }: Pick<Context, 'door' | 'client'>): {
  dialect: string
  clientId: string
} {
  return { dialect: door.dialect, clientId: client.id }
}

/** How the client is presented that had something sent; the realm where it is not known any more. */
export function brandAt(
  { clients, realm }: Pick<RealmContext, 'clients' | 'realm'>,
  { dialect, clientId }: ClientRef,
): Brand {
  const client = findClient({ clients }, dialect ?? '', clientId ?? '')
  return client?.brand ?? realm.brand ?? { name: realm.name }
}

/** How the realm is presented where no app is meant. */
export function realmBrand({ realm, publicUrl }: Pick<RealmContext, 'realm' | 'publicUrl'>): Brand {
  return realm.brand ?? { name: new URL(publicUrl).hostname }
}

/** Whether a person may be sent to `url`: its origin and path are on the client's list, and it carries nothing else. */
export function allowsRedirect(client: Client, url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && client.redirectUris.includes(url) && !parsed.hash && !parsed.search
}

/**
 * Where a browser goes back to: the URL that the client asks for, without query and fragment, or else its first
 * registered one. Throws `redirect_not_allowed` for one that is not registered.
 */
export function redirectTarget(client: Client, wanted: string | undefined): string {
  const target = wanted === undefined ? client.redirectUris[0] : wanted.split(/[?#]/, 1)[0]
  if (target === undefined || !isRegistered(client, target)) throw new AuthError('redirect_not_allowed')
  return target
}

/** An app on a person's own machine listens on any port that is free (RFC 8252 §7.3). */
function isRegistered({ redirectUris, settings }: Client, target: string): boolean {
  if (redirectUris.includes(target)) return true
  const wanted = settings.native === true ? withoutLoopbackPort(target) : undefined
  return wanted !== undefined && redirectUris.some((uri) => withoutLoopbackPort(uri) === wanted)
}

/** A loopback URL without its port, and `undefined` for every other URL. */
function withoutLoopbackPort(uri: string): string | undefined {
  const [, host, path] = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::\d+)?(\/.*)?$/.exec(uri) ?? []
  return host !== undefined && URL.canParse(uri) ? `${host}${path ?? ''}` : undefined
}

/** A client as it is stored. */
export function toRow(
  client: Client,
): Omit<
  ClientRow,
  | 'realm'
  | 'declared_at'
  | 'secret_hash'
  | 'secret_set_at'
  | 'previous_secret_hash'
  | 'previous_secret_ends_at'
> {
  return {
    dialect: client.dialect,
    id: client.id,
    kind: client.kind,
    origins: JSON.stringify(client.origins),
    redirect_uris: JSON.stringify(client.redirectUris),
    front_end_url: client.frontEndUrl ?? null,
    brand: JSON.stringify(client.brand),
    settings: JSON.stringify(client.settings),
  }
}

/** A client as it was stored. */
export function fromRow(row: ClientRow): Client {
  return {
    dialect: row.dialect,
    id: row.id,
    kind: row.kind as Client['kind'],
    origins: JSON.parse(row.origins),
    redirectUris: JSON.parse(row.redirect_uris),
    ...(row.front_end_url && { frontEndUrl: row.front_end_url }),
    brand: JSON.parse(row.brand),
    settings: JSON.parse(row.settings),
  }
}

import type { Provider } from 'oidc-provider'
import type { Client } from '../core/clients/client.ts'
import { findClient, registeredClient } from '../core/clients/clients.ts'
import type { Context, RealmContext } from '../core/context.ts'
import { openidDoor } from '../core/openid/door.ts'
import type { OpenidSettings } from '../core/openid/settings.ts'
import type { ProtocolRequest } from './requests.ts'

/** What comes between a request and the library's answer. */
export type Middleware = Parameters<Provider['use']>[0]

/** Has a middleware stand in the way of requests below a path alone: every refresh goes past the others. */
export function below(path: string, middleware: Middleware): Middleware {
  return (ctx, next) => (ctx.path.startsWith(path) ? middleware(ctx, next) : next())
}

/** A realm in which apps come in by OpenID Connect, and the request that is being answered. */
export interface Protocol {
  ctx: RealmContext & Pick<Context, 'door'>
  settings: OpenidSettings
  /** The clock of the machine, which the library goes by; epoch milliseconds. */
  machineNow(): number
  /** The request that the library is answering; none, where a page of ours asks it something. */
  current(): ProtocolRequest | undefined
  /** Whether the client of that request has shown who it is, and is none that anybody may register. */
  isKnownClient(): boolean
  /** The error of the library for a token, a code or a session that is not good (RFC 6749 §5.2). */
  invalidGrant(why: string): Error
  /** Likewise, for what is good once and was used, in the words of the endpoint that it was shown to. */
  usedUp(kind: string): Error
  /** Likewise, for a resource that is not known (RFC 8707 §2). */
  invalidTarget(): Error
  /** Likewise, for a person who has not signed in (OpenID Connect Core §3.1.2.6). */
  loginRequired(why: string): Error
  /** Likewise, for a client that has not shown who it is (RFC 6749 §5.2). */
  invalidClient(why: string): Error
  /** Likewise, for what a client says of itself (RFC 7591 §3.2.2); `why` begins with the name of the field. */
  invalidMetadata(why: string): Error
  /** Likewise, for a device that asks too often (RFC 8628 §3.5). */
  slowDown(): Error
}

/** Where the clients of a realm are. */
interface Registry {
  ctx: Pick<RealmContext, 'clients'>
}

/** The client of the `openid` door with exactly that id. */
export function clientOf({ ctx }: Registry, id: string): Client | undefined {
  return registeredClient(ctx, openidDoor.dialect, id)
}

/** Likewise, for who has a row that names it. Throws where it is gone. */
export function knownClient({ ctx }: Registry, id: string): Client {
  const client = findClient(ctx, openidDoor.dialect, id)
  if (!client) throw new Error(`there is no client ${id} of OpenID Connect`)
  return client
}

/** The context of a client at the door, for whoever sends the request. */
export function atClient({ ctx, current }: Protocol, client: Client): Context {
  const { origin } = current() ?? {}
  if (!origin) throw new Error('no request of OpenID Connect is being answered')
  return { ...ctx, client, origin }
}

/** A time of ours by the clock of the library, which is that of the machine; epoch seconds. */
export function libraryTime({ ctx, machineNow }: Pick<Protocol, 'ctx' | 'machineNow'>, time: number): number {
  return Math.floor((time - ctx.now() + machineNow()) / 1000)
}

import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Client } from '../core/clients/client.ts'
import type { Context, RealmContext } from '../core/context.ts'
import { atAccountDoor } from '../core/self-service/account-door.ts'
import { findBrowserSession } from '../core/self-service/browser-sessions.ts'
import type { SessionProof } from '../core/sessions/proofs.ts'
import type { Caller } from '../core/sessions/sessions.ts'
import { originOf, readLanguage } from '../http/origin.ts'
import { sessionCookie } from '../http/session-cookie.ts'
import type { SessionRow } from '../store/schema.ts'

/** What is known of a request that the protocol library answers. */
export interface ProtocolRequest {
  request: FastifyRequest
  origin: Context['origin']
  /** The session of the browser that sends it, if that is signed in; read once. */
  browser(): Promise<Caller | undefined>
  /** The browser's session that the code was made in which the request exchanges. */
  codeSessionId?: string
  /** What the refresh token proves that the request shows, and of which client it is. */
  shown?: { client: Client; proof: SessionProof }
  /** The session of the app that the token hangs on which the request shows. */
  rests?: SessionRow
  /** The session of the app, once it is opened or refreshed. */
  session?: SessionRow
  /** Has the refresh token that the request shows be the newest one again, where the request has used it. */
  putBack?: () => Promise<void>
  /** Whether what it has kept is counted. */
  isCounted?: boolean
  /** Why the library has refused it, and which client has sent it, where that is known. */
  refused?: { error: Error; clientId: string | undefined }
  /** What has failed that the library takes for a fault of its own. */
  failure?: unknown
}

const requests = new WeakMap<IncomingMessage, ProtocolRequest>()

/** Keeps what is known of a request for as long as Node keeps that. */
export function rememberRequest(ctx: RealmContext, request: FastifyRequest): ProtocolRequest {
  const known = requests.get(request.raw)
  if (known) return known
  const origin = originOf(request)
  let browser: Promise<Caller | undefined> | undefined
  const remembered: ProtocolRequest = {
    request,
    origin,
    browser: () => {
      browser ??= readBrowser({ ...atAccountDoor(ctx), origin }, request)
      return browser
    },
  }
  requests.set(request.raw, remembered)
  return remembered
}

/** Whoever is signed in is spoken to in the language of their account. */
async function readBrowser(ctx: Context, request: FastifyRequest): Promise<Caller | undefined> {
  const caller = await findBrowserSession(ctx, sessionCookie.read(request))
  request.accountLanguage ??= readLanguage(caller?.account.language)
  return caller
}

/** What is known of a request that was remembered. */
export function requestOf(raw: IncomingMessage): ProtocolRequest | undefined {
  return requests.get(raw)
}

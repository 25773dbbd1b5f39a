import { before } from 'node:test'
import { rotateClientSecret } from '../../src/core/clients/admin.ts'
import type { OpenidClientSettings } from '../../src/core/openid/settings.ts'
import { type Engine, type ServerOptions, type TestServer, useServer } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'
import { type App, type RelyingParty, relyingParty } from './relying-party.ts'

/** The issuer of servers that tests start: the `publicUrl` of their realm. */
export const issuer = 'http://localhost:5000'

/** An app as the settings file has it. */
export interface DeclaredApp {
  id: string
  redirectUris?: string[]
  origins?: string[]
  settings?: OpenidClientSettings
}

export interface OpenidOptions extends ServerOptions {
  apps: DeclaredApp[]
  /** What else `openid:` says of the realm. */
  openid?: Record<string, unknown>
}

/** A server whose realm `main` has OpenID Connect on. */
export interface OpenidServer extends TestServer {
  issuer: string
  /** An app that was declared, with its secret if it has one. */
  app(id: string): App
  /** The same with what it has discovered. */
  party(id: string, given?: Partial<App>): Promise<RelyingParty>
}

/** Such a server for all tests of the suite that this is called in. */
export function useOpenid(engine: Engine, { apps, openid, ...options }: OpenidOptions): OpenidServer {
  const clients = apps.map((app) => ({ redirectUris: [`https://${app.id}.example/callback`], ...app }))
  const yaml = JSON.stringify({ realms: { main: { openid: { ...openid, clients } } } })
  const server = useServer(engine, { ...options, yaml }) as OpenidServer
  const known = new Map<string, App>()
  before(async () => {
    // Where OpenID Connect is off its apps are not known.
    if (openid?.enabled === false) return
    for (const { id, redirectUris, settings } of clients) {
      const isSecret = /^client_secret/.test(settings?.authMethod ?? 'client_secret_basic')
      const secret = isSecret ? await giveSecret(server, id) : undefined
      const { idTokenAlgorithm } = settings ?? {}
      const metadata = idTokenAlgorithm && { id_token_signed_response_alg: idTokenAlgorithm }
      known.set(id, { id, redirectUri: redirectUris[0] ?? '', secret, metadata })
    }
    await server.maintain()
  })
  const app = (id: string): App => {
    const declared = known.get(id)
    if (!declared) throw new Error(`no app ${id} was declared`)
    return declared
  }
  return Object.assign(server, {
    issuer,
    app,
    party: (id: string, given?: Partial<App>) => relyingParty(server, { ...app(id), ...given }),
  })
}

async function giveSecret(server: TestServer, id: string): Promise<string> {
  const secret = await withRealm(server, (ctx) => rotateClientSecret(ctx, { dialect: 'openid', id }))
  if (secret === undefined) throw new Error(`the server does not know the app ${id}`)
  return secret
}

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** Somebody with an account at a provider. */
export interface Stranger {
  sub: string
  email?: string
  email_verified?: unknown
  name?: string
  auth_time?: number
  [claim: string]: unknown
}

/** What a provider does otherwise than it should. */
interface Fault {
  /** In the ID token. */
  claims?: Record<string, unknown>
  /** Beside the code. */
  query?: Record<string, string>
  /** Signs with a key that it does not publish. */
  isForged?: boolean
}

/** A provider that answers as a test wants it to, good or not. */
export interface ToldProvider {
  issuer: string
  /** How many requests each of its paths has had. */
  asked: Map<string, number>
  /** What the discovery document says otherwise. */
  metadata: Record<string, unknown>
  /** Takes the place of every answer, where it is set. */
  answer?: ((response: ServerResponse) => void) | undefined
  /** Signs somebody in who was sent there with `address`: the path and query that it sends the browser back to. */
  signIn(address: string, person: Stranger, fault?: Fault): string
  close(): Promise<void>
}

export const clientId = 'manydoors'
export const clientSecret = 'what the provider has given'

interface Issued {
  query: URLSearchParams
  person: Stranger
  fault: Fault
}

/** Starts such a provider on a free port of the loopback. The caller closes it. */
export async function startToldProvider(): Promise<ToldProvider> {
  const [own, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, Issued>()
  const tokens = new Map<string, Stranger>()
  const asked: ToldProvider['asked'] = new Map()

  const idToken = ({ query, person, fault }: Issued) => {
    const { sub, auth_time } = person
    const claims = { sub, nonce: query.get('nonce'), ...(auth_time !== undefined && { auth_time }) }
    return new SignJWT({ ...claims, ...fault.claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(String(fault.claims?.iss ?? provider.issuer))
      .setAudience(String(fault.claims?.aud ?? clientId))
      .setIssuedAt()
      .setExpirationTime(Number(fault.claims?.exp ?? Math.floor(Date.now() / 1000) + 300))
      .sign(fault.isForged ? foreign.privateKey : own.privateKey)
  }
  const giveTokens = async (request: IncomingMessage) => {
    const form = new URLSearchParams(await text(request))
    const issued = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const [, basic = ''] = (request.headers.authorization ?? '').split(' ')
    const shown = `${clientId}:${encodeURIComponent(clientSecret).replaceAll('%20', '+')}`
    const isGood =
      issued?.query.get('code_challenge') === challenge &&
      issued.query.get('code_challenge_method') === 'S256' &&
      issued.query.get('redirect_uri') === form.get('redirect_uri') &&
      Buffer.from(basic, 'base64').toString() === shown
    if (!issued || !isGood) return { status: 400, body: { error: 'invalid_grant' } }
    const access_token = `token of ${issued.person.sub}`.replaceAll(' ', '-')
    tokens.set(access_token, issued.person)
    return { status: 200, body: { access_token, token_type: 'Bearer', id_token: await idToken(issued) } }
  }
  const bodyOf = async (request: IncomingMessage) => {
    const { issuer } = provider
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return {
          status: 200,
          body: {
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            userinfo_endpoint: `${issuer}/userinfo`,
            jwks_uri: `${issuer}/jwks`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
            authorization_response_iss_parameter_supported: true,
            ...provider.metadata,
          },
        }
      case '/jwks':
        return { status: 200, body: { keys: [jwk] } }
      case '/token':
        return giveTokens(request)
      default: {
        const [, bearer = ''] = (request.headers.authorization ?? '').split(' ')
        const person = tokens.get(bearer)
        return person ? { status: 200, body: person } : { status: 401, body: {} }
      }
    }
  }
  const server = createServer(async (request, response) => {
    const { url = '' } = request
    asked.set(url, (asked.get(url) ?? 0) + 1)
    if (provider.answer) return provider.answer(response)
    // Where browsers are sent to: a page that they stay on.
    if (url.startsWith('/authorize')) return void response.writeHead(204).end()
    const { status, body } = await bodyOf(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo

  let count = 0
  const provider: ToldProvider = {
    issuer: `http://127.0.0.1:${port}`,
    asked,
    metadata: {},
    signIn: (address, person, fault = {}) => {
      const query = new URL(address).searchParams
      const code = `code-${++count}`
      codes.set(code, { query, person, fault })
      const back = { code, state: query.get('state') ?? '', iss: provider.issuer, ...fault.query }
      return `${new URL(query.get('redirect_uri') ?? '').pathname}?${new URLSearchParams(back)}`
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return provider
}

let strangers = 0

/** Somebody whom no other test knows, with an address that the provider has seen proof of. */
export function freshStranger(email: string, more: Partial<Stranger> = {}): Stranger {
  return {
    sub: `sub-${process.pid}-${++strangers}`,
    email,
    email_verified: true,
    name: 'Ada Example',
    ...more,
  }
}

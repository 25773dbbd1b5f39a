import { createLocalJWKSet, jwtVerify } from 'jose'
import type { TestServer } from '../harness/harness.ts'
import { issuer } from './harness.ts'

/** Verifies an access token as an API does that knows nothing but the issuer's keys (RFC 9068 §4). Throws where it is not good. */
export async function verifyAccessToken(server: TestServer, token: string, audience: string) {
  const { body } = await server.request('GET', '/.well-known/jwks.json')
  return jwtVerify(token, createLocalJWKSet(body), { issuer, audience, typ: 'at+jwt' })
}

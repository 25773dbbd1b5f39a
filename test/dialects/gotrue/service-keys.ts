import { createHmac } from 'node:crypto'
import { type Answer, freshEmail, type RequestOptions, type TestServer } from '../../harness/harness.ts'

const base = '/auth/v1'

/** A service key that `withServiceKeys` sets. */
export const serviceKey = 'a key of the back end: 0123456789abcdefghij'.replaceAll(' ', '-')
export const legacySecret = 'Hn2k9Xw-7dQ_legacy-of-the-server-before-5Rt'

/** Settings of the door with a service key. */
export function withServiceKeys(more: Record<string, unknown> = {}): string {
  const gotrue = { serviceKeys: [serviceKey], ...more }
  // JSON is YAML.
  return JSON.stringify({ realms: { main: { dialects: { gotrue } } } })
}

/** What a back end asks for. */
export function asService(
  server: TestServer,
  method: string,
  path: string,
  json?: unknown,
  options: RequestOptions = {},
): Promise<Answer> {
  return server.request(method, `${base}${path}`, { json, bearer: serviceKey, ...options })
}

/** A token as a server before this one has signed it by HS256. */
export function signHs256(claims: object, secret = legacySecret, header: object = {}): string {
  const text = [{ alg: 'HS256', typ: 'JWT', ...header }, claims].map(encode).join('.')
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

export function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** An account that a back end has opened, whose address counts as confirmed. */
export async function openByService(server: TestServer, fields: object = {}): Promise<Answer['body']> {
  const { status, body, text } = await asService(server, 'POST', '/admin/users', {
    email: freshEmail(),
    email_confirm: true,
    ...fields,
  })
  if (status !== 200) throw new Error(text)
  return body
}

export function signInWith(server: TestServer, email: string, password: string): Promise<Answer> {
  return server.request('POST', `${base}/token?grant_type=password`, { json: { email, password } })
}

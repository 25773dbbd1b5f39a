import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { execute } from '../../../harness/database.ts'
import type { TestServer } from '../../../harness/harness.ts'
import { bring } from '../../../harness/old-server.ts'

/** What the old server signed with. */
export const secret = 'kO3v9xT1bQ7mZ4sW8nE2rY6uI0pL5jHc'
const day = 86_400_000
/** The cut, as servers in tests have it: an hour before they start. */
export const cut = Date.now() - 3_600_000

/** A settings file by which these doors take tokens of an old server. */
export function takingTokens(doors: Record<string, string>, upstream = 'http://127.0.0.1:9'): string {
  const until = new Date(cut + 20 * day).toISOString().slice(0, 10)
  const common = `until: ${until}, notIssuedAfter: '${new Date(cut).toISOString()}'`
  const sections = Object.entries(doors).map(
    ([door, tokens]) =>
      `${door}: { switching: { upstream: '${upstream}', verify: off, timeout: 20s, tokens: { ${common}, ${tokens} } } }`,
  )
  return `realms: { main: { dialects: { ${sections.join(', ')} } } }`
}

/** Somebody who was imported from there, and the name that the old server has for them. */
export async function brought(
  server: TestServer,
  { email, source }: { email: string; source: string },
): Promise<{ id: string; email: string; subject: string }> {
  const id = await bring(server, { email })
  const subject = `old-${id}`
  await execute(
    server.env.DATABASE_URL ?? '',
    `insert into legacy_links (realm, source, source_id, account_id, run_id, created_account, linked_at)
      values ('main', '${source}', '${subject}', '${id}', null, 1, 1)`,
  )
  return { id, email, subject }
}

/** A session that was imported with its refresh token. */
export function bringSession(
  server: TestServer,
  { id, source, token, lifeMs = day }: { id: string; source: string; token: string; lifeMs?: number },
): Promise<void> {
  const hash = `sha512:${createHash('sha512').update(token).digest('hex')}`
  return execute(
    server.env.DATABASE_URL ?? '',
    `insert into legacy_sessions (realm, source, hash, account_id, created_at, expires_at)
      values ('main', '${source}', '${hash}', '${id}', 1, ${server.clock.now() + lifeMs})`,
  )
}

/** A token as the old server made them: two hours ago, good for three. */
export function oldToken(
  subject: string,
  claims: Record<string, unknown> = {},
  { key = secret, algorithm = 'HS256', header = {} }: SignOptions = {},
): string {
  const iat = Math.floor(cut / 1000) - 3600
  const payload = { sub: subject, iss: 'old', iat, exp: iat + 3 * 3600, ...claims }
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const text = `${encode({ alg: algorithm, typ: 'JWT', ...header })}.${encode(payload)}`
  const mac = {
    none: () => '',
    HS256: () => createHmac('sha256', key).update(text).digest('base64url'),
    RS256: () => sign('sha256', Buffer.from(text), key).toString('base64url'),
  }
  return `${text}.${mac[algorithm]()}`
}

interface SignOptions {
  key?: string
  algorithm?: 'HS256' | 'RS256' | 'none'
  header?: Record<string, unknown>
}

export interface RsaKey {
  privatePem: string
  publicKey: KeyObject
}

export function rsaKey(): RsaKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey }
}

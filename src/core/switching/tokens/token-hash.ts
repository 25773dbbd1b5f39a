import { createHash } from 'node:crypto'
import type { Context } from '../../context.ts'

/** The hash by which a token is known that was shown here first. */
export function tokenHash(text: string): string {
  return `sha256:${hex('sha256', text)}`
}

/** The hashes by which a token may have been imported. */
export function importedHashes(token: string): string[] {
  return [tokenHash(token), `sha512:${hex('sha512', token)}`]
}

/**
 * The id of the session that a token stands for: a UUIDv7 (RFC 9562 §5.7) of the time at which the token was made, and for
 * the rest a hash of it, of the door and of the realm. It does not hang on the master key, which may change meanwhile.
 */
export function sessionIdOf({ realm, door }: Context, text: string, issuedAt: number): string {
  const digest = createHash('sha256').update([realm.name, door.dialect, text].join('\0')).digest('hex')
  const time = issuedAt.toString(16).padStart(12, '0')
  const variant = ((Number.parseInt(digest.slice(3, 4), 16) & 0x3) | 0x8).toString(16)
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${digest.slice(0, 3)}`,
    `${variant}${digest.slice(4, 7)}`,
    digest.slice(7, 19),
  ].join('-')
}

function hex(algorithm: 'sha256' | 'sha512', text: string): string {
  return createHash(algorithm).update(text).digest('hex')
}

import { createHash } from 'node:crypto'

/** Names a passkey in a path: a credential id may have more than a thousand characters. */
export function shortIdOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 22)
}

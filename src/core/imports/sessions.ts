import type { ImportRecord } from './neutral.ts'
import { isText } from './values.ts'

/** A session that the old server has opened, by a hash of its refresh token. */
export interface OldSession {
  /** `sha256:` or `sha512:` and hexadecimal digits. */
  hash: string
  client?: string
  /** Epoch milliseconds. */
  expiresAt: number
}

const hashForm = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/
/** More than anybody has. */
const maxSessions = 1_000

/** The sessions of a record that are still good. Those that cannot be read are dropped with a reason. */
export function readSessions(
  { sessions }: ImportRecord,
  { now, dropped }: { now: number; dropped: string[] },
): OldSession[] {
  if (!Array.isArray(sessions)) return []
  if (sessions.length > maxSessions) dropped.push(`sessions: those beyond ${maxSessions}`)
  return sessions.slice(0, maxSessions).flatMap((given) => {
    const { refreshHash, client, expiresAt: text } = given ?? {}
    const expiresAt = isText(text) ? Date.parse(text) : Number.NaN
    if (!isText(refreshHash) || !hashForm.test(refreshHash) || !Number.isFinite(expiresAt)) {
      dropped.push('session: cannot be read')
      return []
    }
    if (expiresAt <= now) return []
    return [{ hash: refreshHash, expiresAt, ...(isText(client) && { client }) }]
  })
}

import type { Identifier } from './passwords.ts'

/** What a person means who types one or the other into one field: user names hold no `@`. */
export function readIdentifier(typed: string): Identifier {
  const text = typed.trim()
  return text.includes('@') ? { email: text } : { username: text }
}

import type { Texts } from './texts.ts'

/** What a message is about, in words; the name of its kind where there are none. */
export function kindText(texts: Texts, { kind, notice }: { kind: string; notice: string | null }): string {
  const byName: Partial<Record<string, string>> = texts
  const named = notice === null ? undefined : byName[`notice_${notice}`]
  return named ?? byName[`message_${kind}`] ?? kind
}

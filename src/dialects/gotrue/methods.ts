import type { SessionRow } from '../../store/schema.ts'

/** How a session was opened, and the factor that it has shown since, newest first; times are epoch seconds. */
export function methodsOf({
  methods,
  created_at,
  second_factor_at,
}: SessionRow): { method: string; timestamp: number }[] {
  const known: string[] = methods === null ? [] : JSON.parse(methods)
  const first = { method: wordOf(known), timestamp: seconds(created_at) }
  if (second_factor_at === null) return [first]
  return [{ method: 'totp', timestamp: seconds(second_factor_at) }, first]
}

function wordOf(methods: string[]): string {
  return methods.includes('pwd') ? 'password' : 'otp'
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

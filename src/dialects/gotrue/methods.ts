import type { Session } from '../../core/sessions/session.ts'

/** How a session was opened, and the factor that it has shown since, newest first; times are epoch seconds. */
export function methodsOf({
  methods,
  created_at,
  second_factor_at,
}: Session): { method: string; timestamp: number }[] {
  const known: string[] = methods === null ? [] : JSON.parse(methods)
  const first = { method: wordOf(known), timestamp: seconds(created_at) }
  if (second_factor_at === null) return [first]
  return [{ method: 'totp', timestamp: seconds(second_factor_at) }, first]
}

function wordOf(methods: string[]): string {
  const [word] = methods.flatMap((method) => words.get(method) ?? [])
  return word ?? 'otp'
}

/** A mail that was read is a code of its own, but where the app is to learn what it was for. */
const words = new Map([
  ['pwd', 'password'],
  ['email:sign_up', 'email/signup'],
  ['email:sign_in', 'magiclink'],
  ['email:recovery', 'recovery'],
  ['email:invitation', 'invite'],
  ['email:email_change', 'email_change'],
])

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

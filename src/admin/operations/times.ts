/** A time of epoch milliseconds as operations answer it: ISO 8601 in UTC. */
export function isoTime(at: number): string {
  return new Date(at).toISOString()
}

/** A time of epoch milliseconds as operations answer it, ISO 8601 in UTC; `null` for none. */
export function isoTimeOrNull(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : isoTime(at)
}

/**
 * The lowest UUIDv7 (RFC 9562 §5.7) of that time, in epoch milliseconds: rows whose ids are lower were made before
 * it, so that an index on ids serves as one on the time.
 */
export function lowestIdAt(time: number): string {
  const hex = Math.max(0, Math.floor(time)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`
}

/** The time in a UUIDv7, in epoch milliseconds. */
export function timeOfId(id: string): number {
  return Number.parseInt(`${id.slice(0, 8)}${id.slice(9, 13)}`, 16)
}

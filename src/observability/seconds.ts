/** How long something took whose times are milliseconds. */
export function seconds({ startedAt, endedAt }: { startedAt: number; endedAt: number }): number {
  return (endedAt - startedAt) / 1000
}

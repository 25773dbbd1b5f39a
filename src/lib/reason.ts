/** An error's message, or its code where it has none, and what caused it, on one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const said = error.message || String((error as NodeJS.ErrnoException).code)
  return (error.cause === undefined ? said : `${said}: ${reasonOf(error.cause)}`).replaceAll(/\s*\n\s*/g, ' ')
}

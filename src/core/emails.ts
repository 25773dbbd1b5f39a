/** The form in which an e-mail address is kept and compared. */
export function foldEmail(email: string): string {
  return email.trim().toLowerCase()
}

/** The address without what stands behind a `+`: most mail servers deliver `ada+shop@` to `ada@`. */
export function withoutTag(email: string): string {
  return email.replace(/^([^+@]+)\+[^@]*(?=@)/, '$1')
}

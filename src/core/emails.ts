/** The form in which an e-mail address is kept and compared. */
export function foldEmail(email: string): string {
  return email.trim().toLowerCase()
}

/** A user name that only repeats the e-mail address is no name of its own. */
export function usernameBeside(email: string | undefined, username: string | undefined): string | undefined {
  return username?.toLowerCase() === email?.toLowerCase() ? undefined : username
}

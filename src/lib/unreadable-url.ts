/** Said of a URL whose user name or password cannot be told from the rest. */
export const unreadableUrl =
  'cannot be read: percent-encode what is no letter and no digit in its user name and password (/ is %2F, # is %23, ? is %3F, % is %25)'

/** Said of a setting that has control characters in it. */
export const controlsInIt = 'has a line break or another control character in it'

/** Whether a text has control characters, such as line breaks, in it. */
export function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text)
}

/** Whether the user name and the password of a URL are percent-encoded as they must be. */
export function hasReadableCredentials({ username, password }: URL): boolean {
  return isDecodable(`${username}${password}`)
}

/** Whether every % in a text begins an encoded character. */
export function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined
  } catch {
    return false
  }
}

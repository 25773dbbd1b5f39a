/** A name that somebody gives what is theirs, 1 to `max` characters in one line; `undefined` when it cannot be one. */
export function readGivenName(typed: string, max: number): string | undefined {
  const name = typed.trim().normalize('NFC')
  const isName = name !== '' && [...name].length <= max && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)
  return isName ? name : undefined
}

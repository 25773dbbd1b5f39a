import type { Client } from '../../core/clients/client.ts'
import type { Context } from '../../core/context.ts'
import { matchesPattern } from '../../http/address-pattern.ts'

/** Longer addresses are nobody's, and take long to compare. */
const maxLength = 2048

/** Where the link of a mail ends: where it is wished, if the client's list has that, else the client's front end. */
export function redirectOf({ client, publicUrl }: Context, wanted: string | undefined): string {
  return allowedOf(client, wanted) ?? frontEndOf(client) ?? publicUrl
}

/** Whether the client's list has it. */
export function allowsRedirect(client: Pick<Client, 'redirectUris'>, wanted: string | undefined): boolean {
  return allowedOf(client, wanted) !== undefined
}

function allowedOf({ redirectUris }: Pick<Client, 'redirectUris'>, wanted = ''): string | undefined {
  const parsed = URL.parse(wanted)
  if (!parsed || parsed.username || parsed.password || wanted.length > maxLength) return undefined
  parsed.hash = ''
  // As it is read here: other parsers might read the original otherwise.
  const { href } = parsed
  return redirectUris.some((pattern) => matches(pattern, href)) ? href : undefined
}

function frontEndOf({ frontEndUrl, redirectUris, origins }: Client): string | undefined {
  const [plain] = redirectUris.filter((uri) => !uri.includes('*'))
  return frontEndUrl ?? plain ?? origins[0]
}

function matches(pattern: string, href: string): boolean {
  return pattern.includes('*') ? matchesPattern(pattern, href) : URL.parse(pattern)?.href === href
}

import type { Brand, Client } from '../../core/clients/client.ts'
import { allowsRedirect, findClient } from '../../core/clients/clients.ts'
import type { Context } from '../../core/context.ts'
import { wholeMailText } from '../../core/text/mail-text.ts'
import type { BrandFields } from './fields.ts'

/**
 * The context of the client that `clientAlias` chooses, the default one where it chooses none. An alias that is not
 * registered is ignored in silence.
 */
export function atClient(ctx: Context, clientAlias: string | undefined): Context {
  const client = clientAlias === undefined ? undefined : findClient(ctx, ctx.door.dialect, clientAlias)
  return client ? { ...ctx, client } : ctx
}

/** `<endpoint>/reset-password?verificationCode=…&email=…`, with the endpoint only where the client registered it. */
export function resetLink(ctx: Context, { endpoint, email }: BrandFields): string {
  return `${frontEnd(ctx, endpoint)}/reset-password?${ticketQuery(ctx, email)}`
}

/** Where the original's verification mail leads. */
export function verificationLink(ctx: Context, { endpoint, email }: BrandFields): string {
  return `${frontEnd(ctx, endpoint)}/verify-email-success?${ticketQuery(ctx, email)}`
}

/**
 * How mails name the platform. Anybody may send a mail to anybody with a name of their choice, so a name that is more
 * than a name is taken for none (`wholeMailText`), and a logo is shown only from a host that the client registered.
 */
export function brandOf(client: Client, { platformName, brandLogoUrl }: BrandFields): Brand {
  const name = platformName === undefined ? undefined : wholeMailText(platformName)
  if (name === undefined && brandLogoUrl === undefined) return client.brand
  const logoUrl = brandLogoUrl === undefined ? undefined : logoFrom(client, brandLogoUrl)
  return { name: name ?? client.brand.name, ...(logoUrl !== undefined && { logoUrl }) }
}

/** The URL as it was parsed here: a mail client might parse what was sent otherwise, and ask another host. */
function logoFrom({ settings }: Client, text: string): string | undefined {
  const url = URL.parse(text)
  const hosts = settings.logoHosts as string[] | undefined
  if (url?.protocol !== 'https:' || url.username || url.password) return undefined
  return hosts?.includes(url.host) ? url.href : undefined
}

function frontEnd(ctx: Context, endpoint: string | undefined): string {
  const wanted = endpoint && withoutEndingSlashes(endpoint)
  if (wanted !== undefined && allowsRedirect(ctx.client, wanted)) return wanted
  return ctx.client.frontEndUrl ?? `${ctx.publicUrl}/ui`
}

/** Letter by letter: a pattern would look through all slashes again from each of them. */
function withoutEndingSlashes(url: string): string {
  let end = url.length
  while (url[end - 1] === '/') end--
  return url.slice(0, end)
}

function ticketQuery({ client }: Context, email: string): string {
  const alias = client.kind === 'registered' ? `&clientAlias=${encodeURIComponent(client.id)}` : ''
  return `verificationCode={token}&email=${encodeURIComponent(email)}${alias}`
}

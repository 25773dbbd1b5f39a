import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Brand } from '../../core/clients/client.ts'
import type { IdentityProvider } from '../../core/identities/provider.ts'
import type { SendPage } from '../render.ts'

/**
 * Sends a browser on to a provider, from a form. Not by a redirect: browsers hold every redirect that follows a form
 * against the page's `form-action`, and a provider may lead on to whomever it has people sign in with.
 */
export function goOnTo(
  sendPage: SendPage,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { provider, url, brand }: { provider: IdentityProvider; url: string; brand?: Brand },
): Promise<FastifyReply> {
  reply.header('refresh', `0; url=${url}`)
  return sendPage(request, reply, 200, 'go-on', { provider: provider.name, url }, { brand })
}

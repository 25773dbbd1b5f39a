import type { FastifyRequest } from 'fastify'

/**
 * Whether a page of another site, or of another host of ours, has caused the request, as the browser says (Fetch
 * Metadata): a host beside ours may be in other hands. Who sends no such header is no browser of today.
 */
export function isFromAnotherSite({ headers }: FastifyRequest): boolean {
  const { 'sec-fetch-site': site } = headers
  return site === 'cross-site' || site === 'same-site'
}

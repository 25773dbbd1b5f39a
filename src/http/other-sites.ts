import type { FastifyRequest } from 'fastify'

/**
 * Whether a page of another site has caused the request, as the browser says (Fetch Metadata). Who sends no such header
 * is no browser of today.
 */
export function isFromAnotherSite({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'cross-site'
}

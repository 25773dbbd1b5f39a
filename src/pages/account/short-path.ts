import type { FastifyRequest } from 'fastify'
import { isBelow, pathOf } from '../../http/route-owner.ts'
import type { App } from '../../http/types.ts'
import { readNext } from './person.ts'

/**
 * Leads people who type `/account` to the account page, before any door looks at the request. Of a door below that path,
 * one of these prefixes, it takes nothing but what a browser opens as a page, which no client of an API does (Fetch
 * Metadata); where there is none, whoever asks is led there.
 */
export function shortAccountPath(app: App, prefixes: string[]): void {
  const isOfDoor = prefixes.some((prefix) => isBelow(prefix, '/account') || isBelow('/account', prefix))
  app.addHook('onRequest', async (request, reply) => {
    const isOpened = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'
    if (isOpened && isBelow(pathOf(request.url), '/account')) return reply.redirect(pagePath(request), 303)
  })
  if (isOfDoor) return
  for (const url of ['/account', '/account/*'])
    app.get(url, (request, reply) => reply.redirect(pagePath(request), 303))
}

/** The page of ours that is meant; the account page itself where it is none that there can be. */
function pagePath({ url }: FastifyRequest): string {
  return readNext(`/ui${url.slice(url.indexOf('/account'))}`)
}

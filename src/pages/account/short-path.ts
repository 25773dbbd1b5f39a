import type { FastifyRequest } from 'fastify'
import type { App } from '../../http/types.ts'

/**
 * Leads people who type `/account` to the account page. A door may have routes there: of those it takes nothing but what
 * a browser opens as a page, which no client of an API does (Fetch Metadata).
 */
export function shortAccountPath(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    const isOpened = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'
    if (isOpened && /^\/account(?:[/?]|$)/.test(request.url)) return reply.redirect(`/ui${request.url}`, 303)
  })
  for (const url of ['/account', '/account/*']) {
    if (app.hasRoute({ method: 'GET', url })) continue
    app.get(url, (request: FastifyRequest, reply) => reply.redirect(`/ui${request.url}`, 303))
  }
}

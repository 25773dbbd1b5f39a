import { AuthError } from '../core/errors.ts'
import type { App } from './app.ts'

/** What a scrape is answered with. */
export interface MetricsText {
  contentType: string
  text(): Promise<string>
}

/** `/metrics`, for callers on this machine alone: to others there is no such route. */
export function mountMetrics(app: App, { contentType, text }: MetricsText): void {
  app.get('/metrics', async (request, reply) => {
    const { remoteAddress = '' } = request.socket
    const isNear = isLoopback(remoteAddress) && isLoopback(request.ip)
    // A proxy of this machine may speak for anybody.
    if (!isNear || request.headers['x-forwarded-for'] !== undefined) throw new AuthError('route_not_found')
    return reply.type(contentType).send(await text())
  })
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}

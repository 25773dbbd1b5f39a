import { AuthError } from '../core/errors.ts'
import { isForThisMachine } from './this-machine.ts'
import type { App } from './types.ts'

/** What a scrape is answered with. */
export interface MetricsText {
  contentType: string
  text(): Promise<string>
}

/** `/metrics`, for callers on this machine alone: to others there is no such route. */
export function mountMetrics(app: App, { contentType, text }: MetricsText): void {
  app.get('/metrics', async (request, reply) => {
    if (!isForThisMachine(request)) throw new AuthError('route_not_found')
    return reply.type(contentType).send(await text())
  })
}

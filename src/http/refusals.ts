import type { FastifyRequest } from 'fastify'
import type { RealmContext } from '../core/context.ts'
import type { AuthError } from '../core/errors.ts'
import { noteLimit } from '../core/limits/note-refusal.ts'
import { originOf } from './origin.ts'
import type { App } from './types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Why it was refused, in whatever words. */
    refusal: AuthError | undefined
  }
}

/** Has what limits refuse be written down, once the request is answered. */
export function noteRefusals(app: App, ctx: RealmContext): void {
  app.decorateRequest('refusal', undefined)
  app.addHook('onResponse', (request: FastifyRequest, _reply, done) => {
    const { refusal } = request
    if (refusal?.code === 'rate_limited')
      noteLimit(request.ctx ?? { ...ctx, origin: originOf(request) }, refusal)
    done()
  })
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './types.ts'

/** How long a handler is waited for. */
const drainTimeoutMs = 10_000

/**
 * Has the app's closing wait for every handler of the routes that are declared from here on: Fastify waits for answers,
 * and one whose client has gone is still at work.
 */
export function drainHandlers(app: App): void {
  let running = 0
  let allEnded = () => {}
  const end = () => {
    running--
    if (running === 0) allEnded()
  }

  app.addHook('onRoute', (route) => {
    const handle = route.handler
    route.handler = function (request: FastifyRequest, reply: FastifyReply) {
      const answer: unknown = handle.call(this, request, reply)
      if (answer instanceof Promise) {
        running++
        answer.then(end, end)
      }
      return answer
    }
  })
  app.addHook('onClose', async () => {
    if (running === 0) return
    await new Promise<void>((over) => {
      const timer = setTimeout(over, drainTimeoutMs)
      allEnded = () => {
        clearTimeout(timer)
        over()
      }
    })
  })
}

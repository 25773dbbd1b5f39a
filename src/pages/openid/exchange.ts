import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RawExchange } from '../../core/openid/interactions.ts'

/** Has the protocol do a step of a request. The cookies that it sets go out with the reply, beside those of the pages. */
export async function withProtocol<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  step: (exchange: RawExchange) => Promise<T>,
): Promise<T> {
  try {
    return await step({ req: request.raw, res: reply.raw })
  } finally {
    const cookies = reply.raw.getHeader('set-cookie')
    reply.raw.removeHeader('set-cookie')
    // Where the reply has some, these are added to them.
    if (cookies !== undefined) reply.header('set-cookie', cookies)
  }
}

import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'

/** Answers with a success. Clients read `statusCode` from the body (contracts/credebl.md). */
export function succeed(
  reply: FastifyReply,
  statusCode: number,
  message: string,
  data?: unknown,
): FastifyReply {
  return reply.code(statusCode).send({ statusCode, message, ...(data !== undefined && { data }) })
}

/** The body of an error: a list of texts where fields are wrong. */
export function presentError(statusCode: number, message: string | string[]) {
  return { statusCode, message, error: STATUS_CODES[statusCode] ?? 'Error' }
}

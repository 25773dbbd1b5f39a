import type { FastifyReply } from 'fastify'
import { presentError } from './answers.ts'

/** What single routes refuse with in words of their own (contracts/credebl.md). */
export const refusals = {
  codeInvalid: refusal(401, 'Invalid verification code or EmailId!'),
  emailUnverified: refusal(404, 'Email is not verified'),
  passwordForeign: refusal(403, 'You are not allowed to reset the password of another user'),
  userInvalid: refusal(400, 'Invalid user ID'),
  sessionsForeign: refusal(403, 'You are not allowed to access sessions of another user'),
  sessionInvalid: refusal(400, 'Invalid session ID'),
}

export function refuse(reply: FastifyReply, { status, body }: ReturnType<typeof refusal>): FastifyReply {
  return reply.code(status).send(body)
}

function refusal(status: number, message: string) {
  return { status, body: presentError(status, message) }
}

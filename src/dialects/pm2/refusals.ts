import type { FastifyReply } from 'fastify'
import { presentError } from './errors.ts'

/** What single routes refuse with in words of their own (contracts/pm2.md). */
export const refusals = {
  registrationOff: refusal('registration_disabled', 500, ['registration_disabled', 'registration disabled']),
  grantUnsupported: refusal('grant_unsupported', 400, [
    'unsupported_grant_type',
    'The only grant_type is refresh_token.',
  ]),
  secondFactorNeeded: refusal('second_factor_needed', 401, [
    'second_factor_required',
    'The account has a second factor: send its code, too, as otp.',
  ]),
  emailUnknown: refusal('email_unknown', 404, ['not_found', 'No account has this email.']),
  linkInvalid: refusal('ticket_invalid', 404, ['not_found', 'The link is invalid or has expired.']),
}

export function refuse(reply: FastifyReply, { status, body }: ReturnType<typeof refusal>): FastifyReply {
  return reply.code(status).send(body)
}

function refusal(code: string, status: number, [error, description]: [error: string, description: string]) {
  return { code, status, body: presentError(error, description) }
}

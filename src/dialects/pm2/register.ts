import type { FastifyReply, FastifyRequest } from 'fastify'
import { signUpOpenly } from '../../core/accounts/sign-up.ts'
import type { Context } from '../../core/context.ts'
import { AuthError } from '../../core/errors.ts'
import { signInNewAccount } from '../../core/sessions/open-session.ts'
import { toAuthError } from '../../http/dialect.ts'
import type { App } from '../../http/types.ts'
import { atClient } from './clients.ts'
import { renderFieldErrors } from './errors.ts'
import * as fields from './fields.ts'
import { presentRegistered } from './present.ts'
import { refusals, refuse } from './refusals.ts'

/** Where the mail leads that validates an e-mail address. */
export function validationLink({ publicUrl }: Context): string {
  return `${publicUrl}/api/oauth/valid_email/{token}`
}

/** The document says GET, with a body; everybody else says POST. */
export function registerRoutes(
  app: App,
  url: string,
  { registration = 'on' }: { registration?: 'on' | 'off' },
) {
  const method = ['GET', 'POST']
  if (registration === 'off') {
    app.route({ method, url, handler: async (_request, reply) => refuse(reply, refusals.registrationOff) })
    return
  }
  app.route({
    method,
    url,
    schema: { body: fields.Registration, querystring: fields.RegistrationQuery },
    errorHandler: sendFieldErrors,
    // A HEAD has no body to sign up with.
    exposeHeadRoute: false,
    handler: async (request) => {
      const { username, email, password, role, company, client_id } = request.body
      const ctx = clientOf(request, client_id)
      const profile = { ...(role !== undefined && { role }), ...(company !== undefined && { company }) }
      const verificationLink = validationLink(ctx)
      const account = await signUpOpenly(ctx, { username, email, password, profile, verificationLink })
      return presentRegistered(await signInNewAccount(ctx, account))
    },
  })
}

/** From the `x-client-id` header, else from the body, else the default one. */
function clientOf({ ctx, headers }: FastifyRequest, clientId: string | undefined): Context {
  const named = [headers['x-client-id'] ?? []].flat()[0] || clientId
  const found = named === undefined ? ctx : atClient(ctx, named)
  if (found) return found
  throw new AuthError('validation_failed', { issues: [{ field: 'client_id', message: 'Unknown client.' }] })
}

/** Errors of fields are answered by the names of the fields; all others by the dialect's error handler. */
function sendFieldErrors(thrown: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const wire = renderFieldErrors(toAuthError(thrown))
  if (!wire) throw thrown
  return reply.code(wire.status).send(wire.body)
}

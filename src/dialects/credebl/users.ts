import { z } from 'zod'
import { readEmail } from '../../core/accounts/emails.ts'
import { changeProfile } from '../../core/accounts/profile.ts'
import { AuthError } from '../../core/errors.ts'
import { forCallers, readCaller } from '../../http/bearer.ts'
import type { App } from '../../http/types.ts'
import { succeed } from './answers.ts'
import * as fields from './fields.ts'
import { presentProfile } from './present.ts'

const EmailPath = z.object({ email: z.string() })

/** What Studio asks for below `/users`. */
export function userRoutes(app: App, base: string): void {
  app.get(`${base}/profile`, async (request, reply) => {
    const { account } = await readCaller(request)
    return succeed(reply, 200, 'User fetched successfully', presentProfile(account))
  })

  app.put(base, { schema: { body: fields.ProfileChange }, ...forCallers }, async (request, reply) => {
    const { firstName, lastName } = request.body
    await changeProfile(request.ctx, request.caller, {
      ...(firstName !== undefined && { firstName }),
      ...(lastName !== undefined && { lastName }),
    })
    return succeed(reply, 200, 'User details updated successfully')
  })

  // The first step of Studio's sign-up. Of everybody it gets the answer that leads on to the verification mail, which is
  // sent to the owner alone: nothing is looked up, so nothing is counted.
  app.get(`${base}/:email`, { schema: { params: EmailPath } }, async (request, reply) => {
    const { email } = request.params
    if (!email.includes('@')) throw new AuthError('route_not_found')
    if (readEmail(email) === undefined)
      throw new AuthError('validation_failed', { issues: [fields.invalidEmail] })
    const data = { isEmailVerified: false, isRegistrationCompleted: false }
    return succeed(reply, 200, 'User email checked successfully.', data)
  })
}

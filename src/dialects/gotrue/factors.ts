import type { Context } from '../../core/context.ts'
import { isRefusal } from '../../core/errors.ts'
import { challengeFactor } from '../../core/factors/challenge.ts'
import { type EnrolledFactor, enrolFactor } from '../../core/factors/enrol.ts'
import { removeOwnFactor } from '../../core/factors/remove.ts'
import { verifyFactor } from '../../core/factors/verify.ts'
import type { Caller } from '../../core/sessions/sessions.ts'
import type { App } from '../../http/types.ts'
import { instead, invalid, Refused, refusals, row } from './errors.ts'
import * as fields from './fields.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { presentSession } from './present.ts'
import { presentEnrolled } from './present-factor.ts'
import { userOf } from './user-of.ts'

const factors = `${base}/factors`

/** Asks callers for a code of a second factor and takes it, also of a session that has not shown the one of its account. */
export function challengeRoutes(app: App, settings: Settings): void {
  app.post(
    `${factors}/:id/challenge`,
    { schema: { params: fields.ById } },
    async ({ ctx, caller, params }) => {
      const { id, expiresAt } = await challengeFactor(ctx, caller, params.id)
      return { id, type: 'totp', expires_at: Math.floor(expiresAt / 1000) }
    },
  )

  const schema = { params: fields.ById, body: fields.FactorCode }
  const errorHandler = instead({
    ticket_invalid: refusals.challengeUnknown,
    second_factor_needed: refusals.factorNotShown,
  })
  app.post(`${factors}/:id/verify`, { schema, errorHandler }, async ({ ctx, caller, params, body }) => {
    const { challenge_id: challengeId = '', code = '' } = body
    const verified = await verifyFactor(ctx, caller, { factorId: params.id, challengeId, code })
    const { tokens, account, factors } = verified
    return presentSession(tokens, await userOf(ctx, account, settings, factors))
  })
}

/** Second factors that callers set up and remove. */
export function factorRoutes(app: App): void {
  const enrolling = {
    schema: { body: fields.NewFactor },
    errorHandler: instead({ second_factor_needed: refusals.factorNotShown }),
  }
  app.post(factors, enrolling, async ({ ctx, caller, body }) => {
    const { factor_type: type = '', friendly_name: name = '', issuer } = body
    const refused = otherTypes.get(type)
    if (refused) throw new Refused(refused)
    if (type !== 'totp') throw invalid('factor_type needs to be totp, phone, or webauthn')
    return presentEnrolled(await enrol(ctx, caller, { name, issuer }), name)
  })

  const removing = {
    schema: { params: fields.ById },
    errorHandler: instead({ second_factor_needed: refusals.factorKept }),
  }
  app.delete(`${factors}/:id`, removing, async ({ ctx, caller, params: { id } }) => {
    await removeOwnFactor(ctx, caller, id)
    return { id }
  })
}

async function enrol(
  ctx: Context,
  caller: Caller,
  input: { name: string; issuer: string | undefined },
): Promise<EnrolledFactor> {
  try {
    return await enrolFactor(ctx, caller, input)
  } catch (error) {
    if (!isRefusal(error, 'factor_name_taken')) throw error
    const message = `A factor with the friendly name "${input.name}" for this user already exists`
    throw new Refused(row(422, 'mfa_factor_name_conflict', message))
  }
}

/** What the server of this wire can have, and says of where it has not. */
const otherTypes = new Map([
  ['phone', refusals.phoneFactor],
  ['webauthn', refusals.webauthnFactor],
])

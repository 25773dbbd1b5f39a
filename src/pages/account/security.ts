import type { FastifyRequest } from 'fastify'
import { fewCodes, keptCodes } from '../../core/self-service/recovery-codes.ts'
import { listTrustedDevices } from '../../core/self-service/trusted-devices.ts'
import { secondFactorSince } from '../../core/sign-in/second-factor.ts'
import { trustedCookie } from '../../http/trusted-cookie.ts'
import type { App } from '../../http/types.ts'
import { fillIn, type Texts, textsFor } from '../texts.ts'
import { dateFor } from './reader.ts'
import type { SendAccount } from './send.ts'
import { presentTrustedDevice } from './trusted-devices.ts'

/** What lets somebody in to the account, and what is weak in that. */
export function securityRoutes(scope: App, send: SendAccount): void {
  scope.get('/ui/account/security', async (request, reply) =>
    send({ request, reply }, 'security', 'account-security', await presentSecurity(request)),
  )
}

async function presentSecurity(request: FastifyRequest) {
  const { ctx, caller } = request.person
  const { id, password_hash, password_changed_at: changedAt } = caller.account
  const [since, codes, devices] = await Promise.all([
    secondFactorSince(ctx, id),
    keptCodes(ctx, id),
    listTrustedDevices(ctx, caller, trustedCookie.read(request)),
  ])
  const hasPassword = password_hash !== null
  const codesLeft = since === undefined ? undefined : codes.left
  return {
    weakness: weaknessOf({ hasPassword, codesLeft }, textsFor(request)),
    hasPassword,
    passwordChanged: dateOf(request, changedAt),
    secondStepSince: dateOf(request, since ?? null),
    codesLeft,
    hasFewCodes: codesLeft !== undefined && codesLeft <= fewCodes,
    devices: devices.map((device) => presentTrustedDevice(device, request)),
  }
}

/** The weakest spot, in one sentence; `undefined` where there is none: without a password nobody can learn it. */
function weaknessOf(
  { hasPassword, codesLeft }: { hasPassword: boolean; codesLeft: number | undefined },
  texts: Texts,
): string | undefined {
  if (codesLeft === undefined) return hasPassword ? texts.weakNoSecondStep : undefined
  if (codesLeft <= fewCodes) return fillIn(texts.weakFewCodes, { count: codesLeft })
}

function dateOf(request: FastifyRequest, time: number | null): string | undefined {
  return time === null ? undefined : dateFor(request, time)
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { inForceBy } from '../../core/factors/held.ts'
import { fewCodes, keptCodes } from '../../core/self-service/recovery-codes.ts'
import { listTrustedDevices } from '../../core/self-service/trusted-devices.ts'
import { trustedCookie } from '../../http/trusted-cookie.ts'
import type { App } from '../../http/types.ts'
import { fillIn } from '../../lib/fill-in.ts'
import type { FormView } from '../problems.ts'
import { type Texts, textsFor } from '../texts.ts'
import { readIdentities } from './identity-list.ts'
import { readPasskeys } from './passkey-list.ts'
import { dateFor } from './reader.ts'
import type { SendAccount } from './send.ts'
import { presentTrustedDevice } from './trusted-devices.ts'

/** What was wrong with a passkey's new name: `wrong` names that passkey as its path does. */
export interface WrongName {
  wrong: string
  typed: string
}

/** What lets somebody in to the account, and what is weak in that. */
export function securityRoutes(scope: App, send: SendAccount): void {
  scope.get('/ui/account/security', (request, reply) => showSecurity(send, { request, reply }))
}

/** Answers with the page of what lets somebody in, and with what was wrong with one of its forms: that of a passkey where not said. */
export async function showSecurity(
  send: SendAccount,
  view: FormView,
  what?: WrongName | { about: 'identities' },
): Promise<FastifyReply> {
  const shown = await presentSecurity(view.request)
  return send(view, 'security', 'account-security', { ...shown, ...what })
}

async function presentSecurity(request: FastifyRequest) {
  const { ctx, caller } = request.person
  const { id, password_hash, password_changed_at: changedAt } = caller.account
  const [held, codes, devices, passkeys, identities] = await Promise.all([
    inForceBy(ctx, id),
    keptCodes(ctx, id),
    listTrustedDevices(ctx, caller, trustedCookie.read(request)),
    readPasskeys(request),
    readIdentities(request),
  ])
  const hasPassword = password_hash !== null
  const [first] = held
  const codesLeft = first && codes.left
  const hasPasskey = passkeys.passkeys.some(({ isElsewhere }) => !isElsewhere)
  const isCopied = passkeys.passkeys.some(({ isSuspected }) => isSuspected)
  return {
    weakness: weaknessOf({ hasPassword, codesLeft, hasPasskey, isCopied }, textsFor(request)),
    hasPassword,
    passwordChanged: changedAt === null ? undefined : dateFor(request, changedAt),
    secondStepSince: first && dateFor(request, first.confirmedAt),
    authenticators: held.length,
    codesLeft,
    hasFewCodes: codesLeft !== undefined && codesLeft <= fewCodes,
    devices: devices.map((device) => presentTrustedDevice(device, request)),
    ...passkeys,
    identities,
  }
}

interface WaysIn {
  hasPassword: boolean
  /** `undefined` without a second step. */
  codesLeft: number | undefined
  hasPasskey: boolean
  /** Of a passkey. */
  isCopied: boolean
}

/** The weakest spot, in one sentence; `undefined` where there is none: without a password nobody can learn it. */
function weaknessOf(
  { hasPassword, codesLeft, hasPasskey, isCopied }: WaysIn,
  texts: Texts,
): string | undefined {
  if (isCopied) return texts.weakCopiedPasskey
  if (!hasPassword && hasPasskey) return undefined
  if (codesLeft === undefined) {
    if (!hasPassword) return undefined
    return hasPasskey ? texts.weakPasswordAlone : texts.weakNoSecondStep
  }
  if (codesLeft <= fewCodes) return fillIn(texts.weakFewCodes, { count: codesLeft })
}

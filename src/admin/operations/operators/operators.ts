import { z } from 'zod'
import { roles } from '../../../core/operators/capabilities.ts'
import { invitationLifetimeSeconds, inviteOperator } from '../../../core/operators/invitations.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import {
  changeRole,
  disableOperator,
  enableOperator,
  listOperators,
  type Operator,
} from '../../../core/operators/operators.ts'
import { emailField } from '../../../http/fields.ts'
import type { Desk } from '../../desk.ts'
import { fieldRules } from '../field-rules.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { isoTime, isoTimeOrNull } from '../times.ts'

const operatorId = z.guid()

const OperatorView = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(roles),
  realms: z.array(z.string()).nullable().describe('The realms that they are held to; null for all'),
  invitedBy: z.string().nullable(),
  isDisabled: z.boolean(),
  createdAt: z.string(),
  lastSignInAt: z.string().nullable(),
})

/** The realms that somebody is held to: all where the field is empty or missing. */
export const realmsField = z.preprocess(
  (given) => (given === '' || given === undefined ? null : typeof given === 'string' ? [given] : given),
  z.array(z.string()).min(1).nullable(),
)

/** The realms of these names; `undefined` for all. Throws `refused` where there is no such realm. */
export function knownRealms({ means }: Desk, names: string[] | null): string[] | undefined {
  const unknown = names?.find((name) => !means.realms.has(name))
  if (unknown !== undefined) throw new OperatorError('refused', 'realm_unknown', { realm: unknown })
  return names ?? undefined
}

function present(operator: Operator): z.input<typeof OperatorView> {
  return {
    id: operator.id,
    name: operator.name,
    email: operator.email ?? null,
    role: operator.role,
    realms: operator.realms ?? null,
    invitedBy: operator.invitedBy ?? null,
    isDisabled: operator.isDisabled,
    createdAt: isoTime(operator.createdAt),
    lastSignInAt: isoTimeOrNull(operator.lastSignInAt),
  }
}

export const list = defineOperation({
  name: 'operators.list',
  summary: 'List those who run this server',
  capability: 'operators.read',
  at: 'server',
  method: 'GET',
  path: '/operators',
  input: z.object({}),
  output: z.object({ items: z.array(OperatorView) }),
  run: async ({ ctx }) => ({ items: (await listOperators(ctx)).map(present) }),
})

export const invite = defineOperation({
  name: 'operators.invite',
  summary: 'Invite somebody to run this server; the link is shown once and good for 30 minutes',
  capability: 'operators.write',
  at: 'server',
  method: 'POST',
  path: '/operators/invite',
  isDangerous: true,
  input: z.object({
    email: emailField(fieldRules.email),
    role: z.enum(roles),
    realms: realmsField,
    reason: reasonField,
  }),
  output: z.object({ link: z.string(), expiresAt: z.string() }),
  run: async (desk, { email, role, realms }) => {
    const token = await inviteOperator(desk.ctx, { email, role, realms: knownRealms(desk, realms) })
    const expiresAt = desk.ctx.now() + invitationLifetimeSeconds * 1000
    return { link: invitationLink(desk.means.url, token), expiresAt: isoTime(expiresAt) }
  },
})

/** Where an invitation is taken up. */
export function invitationLink(url: string, token: string): string {
  return `${url}/admin/invitation/${token}`
}

export const change = defineOperation({
  name: 'operators.change',
  summary: 'Give an operator another role and other realms',
  capability: 'operators.write',
  at: 'server',
  method: 'POST',
  path: '/operators/:operator/role',
  isDangerous: true,
  input: z.object({ operator: operatorId, role: z.enum(roles), realms: realmsField, reason: reasonField }),
  output: nothing,
  run: async (desk, { operator, role, realms }) => {
    await changeRole(desk.ctx, operator, { role, realms: knownRealms(desk, realms) })
    return {}
  },
})

export const disable = defineOperation({
  name: 'operators.disable',
  summary: 'Shut an operator out, and end their sessions',
  capability: 'operators.write',
  at: 'server',
  method: 'POST',
  path: '/operators/:operator/disable',
  isDangerous: true,
  input: z.object({ operator: operatorId, reason: reasonField }),
  output: nothing,
  run: async ({ ctx }, { operator }) => {
    await disableOperator(ctx, operator)
    return {}
  },
})

export const enable = defineOperation({
  name: 'operators.enable',
  summary: 'Let an operator in again who was shut out',
  capability: 'operators.write',
  at: 'server',
  method: 'POST',
  path: '/operators/:operator/enable',
  isDangerous: true,
  input: z.object({ operator: operatorId, reason: reasonField }),
  output: nothing,
  run: async ({ ctx }, { operator }) => {
    await enableOperator(ctx, operator)
    return {}
  },
})

export const operatorOperations = [list, invite, change, disable, enable]

import { z } from 'zod'
import { type Capability, capabilities } from '../../../core/operators/capabilities.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import {
  type AdminToken,
  listAdminTokens,
  makeAdminToken,
  revokeAdminToken,
} from '../../../core/operators/tokens.ts'
import { lineField } from '../../../http/fields.ts'
import { fieldRules } from '../field-rules.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { isoTime, isoTimeOrNull } from '../times.ts'
import { knownRealms, realmsField } from './operators.ts'

const day = 24 * 60 * 60

const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  realms: z.array(z.string()).nullable().describe('The realms that it is held to; null for all'),
  madeBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  lastUsedIp: z.string().nullable(),
})

/** A token as the API shows it. */
export function present(token: AdminToken): z.input<typeof TokenView> {
  return {
    id: token.id,
    name: token.name,
    scopes: token.scopes,
    realms: token.realms ?? null,
    madeBy: token.madeBy,
    createdAt: isoTime(token.createdAt),
    expiresAt: isoTime(token.expiresAt),
    revokedAt: isoTimeOrNull(token.revokedAt),
    lastUsedAt: isoTimeOrNull(token.lastUsedAt),
    lastUsedIp: token.lastUsedIp ?? null,
  }
}

export const list = defineOperation({
  name: 'tokens.list',
  summary: 'List the tokens of programs',
  capability: 'operators.read',
  at: 'server',
  method: 'GET',
  path: '/tokens',
  input: z.object({}),
  output: z.object({ items: z.array(TokenView) }),
  run: async ({ ctx }) => ({ items: (await listAdminTokens(ctx)).map(present) }),
})

const daysRule = fieldRules.tokenDays

export const make = defineOperation({
  name: 'tokens.make',
  summary: 'Make a token for a program; it is shown once',
  capability: 'tokens.write',
  at: 'server',
  method: 'POST',
  path: '/tokens',
  isDangerous: true,
  input: z.object({
    name: lineField({ min: 1, max: 80, message: fieldRules.name }),
    scopes: z.preprocess(
      (given) => (typeof given === 'string' ? [given] : given),
      z.array(z.enum(capabilities as [Capability, ...Capability[]])).min(1, fieldRules.tokenScopes),
    ),
    realms: realmsField,
    days: z.coerce.number(daysRule).int(daysRule).min(1, daysRule).max(365, daysRule).default(90),
    reason: reasonField,
  }),
  output: z.object({ token: z.string(), row: TokenView }),
  run: async (desk, { name, scopes, realms, days }) => {
    const beyond = scopes.find((scope) => !desk.asker.may(scope))
    if (beyond !== undefined) throw new OperatorError('refused', 'scope_beyond', { scope: beyond })
    const { token, row } = await makeAdminToken(desk.ctx, {
      name,
      scopes,
      realms: knownRealms(desk, realms),
      lifetimeSeconds: days * day,
    })
    return { token, row: present(row) }
  },
})

export const revoke = defineOperation({
  name: 'tokens.revoke',
  summary: 'Make a token useless at once',
  capability: 'tokens.write',
  at: 'server',
  method: 'DELETE',
  path: '/tokens/:token',
  isDangerous: true,
  input: z.object({ token: z.guid(), reason: reasonField }),
  output: nothing,
  run: async ({ ctx }, { token }) => {
    await revokeAdminToken(ctx, token)
    return {}
  },
})

export const tokenOperations = [list, make, revoke]

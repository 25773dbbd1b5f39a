import { z } from 'zod'
import { disableAccount, enableAccount, removeSecondFactor } from '../../../core/accounts/admin.ts'
import { eraseAccount } from '../../../core/accounts/erasure.ts'
import { mayRecover } from '../../../core/accounts/proven-names.ts'
import { senderOf } from '../../../core/accounts/sender.ts'
import { sendVerification } from '../../../core/accounts/verification.ts'
import { isRefusal } from '../../../core/errors.ts'
import { removeFactorByHand } from '../../../core/factors/remove.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { removePasskeys } from '../../../core/passkeys/remove-all.ts'
import { sendReset } from '../../../core/recovery/by-mail.ts'
import { isNameOf } from '../../../core/self-service/deletion.ts'
import { endSessionsOf } from '../../../core/sessions/account-sessions.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { accountAt, accountField } from './account-field.ts'

const account = accountField
const method = 'POST'
const at = 'realm'
const resetLifetimeSeconds = 60 * 60

export const sendResetLink = defineOperation({
  name: 'accounts.send_reset',
  summary: 'Mail the owner of an account a link to choose a new password',
  capability: 'accounts.send_link',
  at,
  method,
  path: '/accounts/:account/send-reset',
  input: z.object({ account }),
  output: nothing,
  run: async (desk, { account: id }) => {
    const { ctx } = desk
    const found = await accountAt(desk, id)
    const { email } = found
    if (email === null) throw new OperatorError('refused', 'account_without_email')
    if (!mayRecover(ctx, found, 'email')) throw new OperatorError('refused', 'account_beyond_recovery')
    const link = `${ctx.publicUrl}/ui/reset-password?token={token}`
    const mail = { ...(await senderOf(ctx, found)), link, lifetimeSeconds: resetLifetimeSeconds }
    await sendReset(ctx, { id: found.id, email }, mail)
    return {}
  },
})

export const sendVerificationLink = defineOperation({
  name: 'accounts.send_verification',
  summary: 'Mail the owner of an account a link to confirm the e-mail address',
  capability: 'accounts.send_link',
  at,
  method,
  path: '/accounts/:account/send-verification',
  input: z.object({ account }),
  output: nothing,
  run: async (desk, { account: id }) => {
    if (!(await sendVerification(desk.ctx, await accountAt(desk, id))))
      throw new OperatorError('refused', 'nothing_to_confirm')
    return {}
  },
})

export const endSessions = defineOperation({
  name: 'accounts.end_sessions',
  summary: 'End every session of an account, through all doors',
  capability: 'sessions.end',
  at,
  method,
  path: '/accounts/:account/end-sessions',
  input: z.object({ account }),
  output: nothing,
  run: async (desk, { account: id }) => {
    await endSessionsOf(desk.ctx, await accountAt(desk, id))
    return {}
  },
})

export const disable = defineOperation({
  name: 'accounts.disable',
  summary: 'Shut an account: its sessions end, and nobody can sign in to it',
  capability: 'accounts.disable',
  at,
  method,
  path: '/accounts/:account/disable',
  isDangerous: true,
  input: z.object({ account, reason: reasonField }),
  output: nothing,
  run: async (desk, { account: id }) => {
    const found = await accountAt(desk, id)
    if (!(await disableAccount(desk.ctx, found.id))) throw new OperatorError('conflict')
    return {}
  },
})

export const enable = defineOperation({
  name: 'accounts.enable',
  summary: 'Open an account again that was shut; its sessions stay ended',
  capability: 'accounts.disable',
  at,
  method,
  path: '/accounts/:account/enable',
  input: z.object({ account, reason: reasonField }),
  output: nothing,
  run: async (desk, { account: id }) => {
    const found = await accountAt(desk, id)
    if (!(await enableAccount(desk.ctx, found.id))) throw new OperatorError('conflict')
    return {}
  },
})

export const removeAuthenticator = defineOperation({
  name: 'accounts.remove_second_factor',
  summary:
    'Remove the second factor of an account with its recovery codes; its sessions end and its owner is told',
  capability: 'accounts.remove_factor',
  at,
  method,
  path: '/accounts/:account/remove-second-factor',
  isDangerous: true,
  input: z.object({ account, reason: reasonField }),
  output: nothing,
  run: async (desk, { account: id, reason }) => {
    const found = await accountAt(desk, id)
    const { brand } = await senderOf(desk.ctx, found)
    if (!(await removeSecondFactor(desk.ctx, found.id, { reason, brand })))
      throw new OperatorError('conflict')
    return {}
  },
})

export const removeOneAuthenticator = defineOperation({
  name: 'accounts.remove_authenticator',
  summary:
    'Remove one authenticator of an account, and with the last one its recovery codes; its sessions end and its owner is told',
  capability: 'accounts.remove_factor',
  at,
  method,
  path: '/accounts/:account/authenticators/:authenticator/remove',
  isDangerous: true,
  input: z.object({
    account,
    authenticator: z.string().max(64).describe('Its id, as the account shows it'),
    reason: reasonField,
  }),
  output: nothing,
  run: async (desk, { account: id, authenticator: factorId, reason }) => {
    const found = await accountAt(desk, id)
    const { brand } = await senderOf(desk.ctx, found)
    try {
      await removeFactorByHand(desk.ctx, { accountId: found.id, factorId }, { reason, brand })
    } catch (error) {
      throw isRefusal(error, 'second_factor_not_pending') ? new OperatorError('not_found') : error
    }
    return {}
  },
})

export const removeAllPasskeys = defineOperation({
  name: 'accounts.remove_passkeys',
  summary: 'Remove the passkeys of an account; its sessions end and its owner is told',
  capability: 'accounts.remove_factor',
  at,
  method,
  path: '/accounts/:account/remove-passkeys',
  isDangerous: true,
  input: z.object({ account, reason: reasonField }),
  output: nothing,
  run: async (desk, { account: id, reason }) => {
    const found = await accountAt(desk, id)
    const { brand } = await senderOf(desk.ctx, found)
    if ((await removePasskeys(desk.ctx, found.id, { reason, brand })) === 0)
      throw new OperatorError('conflict')
    return {}
  },
})

export const erase = defineOperation({
  name: 'accounts.delete',
  summary: 'Delete an account and all that is held of its person',
  capability: 'accounts.delete',
  at,
  method,
  path: '/accounts/:account/delete',
  isDangerous: true,
  input: z.object({
    account,
    name: z
      .string()
      .trim()
      .max(320)
      .describe('Its e-mail address, user name or phone number, typed once more'),
    reason: reasonField,
  }),
  output: z.object({
    pseudonym: z.string().describe('What the audit trail knows the account by from now on'),
  }),
  run: async (desk, { account: id, name }) => {
    const found = await accountAt(desk, id)
    if (!isNameOf(found, name)) throw new OperatorError('refused', 'not_its_name')
    const erased = await eraseAccount(desk.ctx, found.id)
    if (!erased) throw new OperatorError('not_found')
    return { pseudonym: erased.pseudonym }
  },
})

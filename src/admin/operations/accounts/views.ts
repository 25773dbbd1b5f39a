import { z } from 'zod'
import { timeOf } from '../../../core/accounts/present.ts'
import type { AccountRow } from '../../../store/schema.ts'

/** What an account is called, and whether it is open. */
export const AccountView = z.object({
  id: z.string(),
  username: z.string().nullable(),
  email: z.string().nullable(),
  emailVerifiedAt: z.string().nullable(),
  phone: z.string().nullable(),
  phoneVerifiedAt: z.string().nullable(),
  isDisabled: z.boolean(),
  deletionDueAt: z.string().nullable(),
  lastSignInAt: z.string().nullable(),
  createdAt: z.string(),
})

export function presentAccountView(account: AccountRow): z.input<typeof AccountView> {
  return {
    id: account.id,
    username: account.username,
    email: account.email,
    emailVerifiedAt: timeOf(account.email_verified_at) ?? null,
    phone: account.phone,
    phoneVerifiedAt: timeOf(account.phone_verified_at) ?? null,
    isDisabled: account.disabled_at !== null,
    deletionDueAt: timeOf(account.deletion_due_at) ?? null,
    lastSignInAt: timeOf(account.last_sign_in_at) ?? null,
    createdAt: timeOf(account.created_at) ?? '',
  }
}

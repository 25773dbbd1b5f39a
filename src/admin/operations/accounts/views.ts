import { z } from 'zod'
import type { AccountRow } from '../../../store/schema.ts'
import { isoTime, isoTimeOrNull } from '../times.ts'

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
    emailVerifiedAt: isoTimeOrNull(account.email_verified_at),
    phone: account.phone,
    phoneVerifiedAt: isoTimeOrNull(account.phone_verified_at),
    isDisabled: account.disabled_at !== null,
    deletionDueAt: isoTimeOrNull(account.deletion_due_at),
    lastSignInAt: isoTimeOrNull(account.last_sign_in_at),
    createdAt: isoTime(account.created_at),
  }
}

import type { AccountRow } from '../../store/schema.ts'
import { disableWithin } from '../accounts/admin.ts'
import { foldEmail } from '../accounts/emails.ts'
import { createUntaken } from '../accounts/new-accounts.ts'
import { type AnyContext, stopClock, transaction } from '../context.ts'
import { type GivenPassword, readGivenPassword } from './given-password.ts'

/** An account as a service wants it. */
export interface ManagedAccount extends GivenPassword {
  /** A UUID; made, where none is given. */
  id?: string
  email?: string
  /** E.164. */
  phone?: string
  isEmailProven: boolean
  isPhoneProven: boolean
  profile?: Record<string, unknown>
  /** What the person must not write. */
  attributes?: Record<string, unknown>
  /** Epoch milliseconds; it is disabled from the beginning until then. */
  disabledUntil?: number
}

/**
 * Opens an account on the word of a service: nothing is mailed and no limit counts. Throws `email_taken`, `phone_taken`,
 * `password_rejected`, `validation_failed` for an id that is taken and a hash that cannot be used, `overloaded`.
 */
export async function createManagedAccount(ctx: AnyContext, given: ManagedAccount): Promise<AccountRow> {
  const { id, phone, profile, attributes, disabledUntil, isEmailProven, isPhoneProven } = given
  const email = given.email === undefined ? undefined : foldEmail(given.email)
  const password = await readGivenPassword(ctx, given, { email, phone })
  return transaction(stopClock(ctx), async (ctx) => {
    const now = ctx.now()
    const account = await createUntaken(ctx, {
      id,
      email,
      email_verified_at: email !== undefined && isEmailProven ? now : undefined,
      phone,
      phone_verified_at: phone !== undefined && isPhoneProven ? now : undefined,
      password_hash: password?.hash,
      password_kind: password?.kind,
      profile,
      attributes,
    })
    if (disabledUntil === undefined) return account
    return (await disableWithin(ctx, account.id, disabledUntil)) ?? account
  })
}

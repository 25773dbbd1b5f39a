import { type Identifier, identifierKey } from '../accounts/identifiers.ts'
import type { Context } from '../context.ts'
import { askHook } from './ask.ts'

/** The names that somebody wants an account with. */
interface Newcomer {
  email?: string | undefined
  /** Whether the address is proven to be the person's. */
  isEmailProven?: boolean
  username?: string | undefined
  /** E.164. */
  phone?: string | undefined
  /** Likewise. */
  isPhoneProven?: boolean
}

/**
 * Asks before an account is opened and before anything is looked up or written, so that neither the answer nor its time tells
 * whether a name is taken. Throws what the hook refuses with, and `unavailable` where it does not answer and nobody is let in
 * then.
 */
export async function permitSignUp(
  ctx: Context,
  { email, isEmailProven = false, username, phone, isPhoneProven = false }: Newcomer,
): Promise<void> {
  const { beforeSignUp: hook } = ctx.hooks
  if (!hook) return
  const { ip, userAgent = null } = ctx.origin
  const account = {
    id: null,
    email: email ?? null,
    emailVerified: isEmailProven,
    username: username ?? null,
    phone: phone ?? null,
    phoneVerified: isPhoneProven,
  }
  const question = {
    realm: ctx.realm.name,
    door: ctx.door.dialect,
    client: ctx.client.id,
    account,
    ip,
    userAgent,
  }
  const subject = subjectOf({ email, username, phone })
  await askHook(ctx, hook, { name: 'beforeSignUp', event: 'account.created', subject }, question)
}

function subjectOf({
  email,
  username,
  phone,
}: Omit<Newcomer, 'isEmailProven' | 'isPhoneProven'>): string | undefined {
  const [identifier] = [
    email !== undefined && { email },
    username !== undefined && { username },
    phone !== undefined && { phone },
  ].filter((given): given is Identifier => given !== false)
  return identifier && identifierKey(identifier)
}

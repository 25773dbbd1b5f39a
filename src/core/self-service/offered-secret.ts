import { readBase64url } from '../../lib/base64url.ts'
import type { Context } from '../context.ts'
import type { Caller } from '../sessions/sessions.ts'
import { authenticator, makeSecret } from '../sign-in/authenticator.ts'

/** A secret for an authenticator that counts for nothing until a code of it comes back. */
export interface OfferedSecret {
  /** Base32. */
  secret: string
  /** That we have made the secret for this session, in base64url. */
  seal: string
}

/**
 * Makes a secret for the caller's authenticator. It is kept nowhere: whoever opens a page changes nothing, and nobody is
 * shown a secret that somebody else has begun with.
 */
export function offerSecret(ctx: Context, caller: Caller): OfferedSecret {
  const secret = makeSecret(ctx)
  return { secret, seal: ctx.secrets.mac('form', messageOf(caller, secret)).toString('base64url') }
}

/** `otpauth://…` of a secret that was offered, for a QR code. */
export function uriOf(ctx: Context, { account }: Caller, { secret }: OfferedSecret): string {
  const { id, username, email } = account
  return authenticator(secret, ctx.client.brand.name, username ?? email ?? id).toString()
}

/** Whether the secret was offered to this session. */
export function isOffered({ secrets }: Context, caller: Caller, { secret, seal }: OfferedSecret): boolean {
  const mac = readBase64url(seal)
  return mac !== undefined && secrets.verifyMac('form', messageOf(caller, secret), mac) !== undefined
}

/** Begins like no other message of a form: those begin with a nonce and a dot. */
function messageOf({ session }: Caller, secret: string): string {
  return `authenticator ${session.id} ${secret}`
}

import type { Context } from '../../core/context.ts'

/** What a link is made of: never of a request. */
type Base = Pick<Context, 'client' | 'publicUrl'>

/** Where the mail leads that confirms an e-mail address; holds `{token}`. */
export function activationLink({ client, publicUrl }: Base): string {
  if (client.frontEndUrl !== undefined) return `${client.frontEndUrl}/activate-account/{token}`
  return `${publicUrl}/ui/verify-email?token={token}`
}

/** Where the mail leads that allows a new password; holds `{token}`. */
export function resetLink({ client, publicUrl }: Base): string {
  if (client.frontEndUrl !== undefined) return `${client.frontEndUrl}/reset-password/{token}`
  return `${publicUrl}/ui/reset-password?token={token}`
}

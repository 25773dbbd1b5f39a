import type { Context } from '../context.ts'
import { keepPending } from '../identities/pending.ts'
import type { Identified, IdentityProvider } from '../identities/provider.ts'
import { signInByIdentity } from '../identities/sign-in.ts'
import { maySignUpWith, signUpByIdentity } from '../identities/sign-up.ts'
import { issueCode, type Login, type ProvenLogin } from './hosted-logins.ts'
import type { SecondFactorNeeded } from './sign-in.ts'

/**
 * An identity that no account has: `sign_up` where its person may have one, `sign_in` where one has its address, which is
 * connected once its person has signed in to it in the same login, and `nothing` where neither can be.
 */
export interface UnknownIdentity {
  unknown: 'sign_up' | 'sign_in' | 'nothing'
  provider: IdentityProvider
}

export interface IdentifiedLogin extends Identified {
  trustedSecrets: string[]
  /** Whether people may sign up in this login. */
  signUps: 'open' | 'closed'
}

/**
 * Takes the word of a provider for the password, and says how the login goes on. `ctx` is at the login's door. Throws as
 * `signInByIdentity` does.
 */
export async function proveLoginByIdentity(
  ctx: Context,
  login: Login,
  identified: IdentifiedLogin,
): Promise<ProvenLogin | SecondFactorNeeded | UnknownIdentity> {
  const atClient = { ...ctx, client: login.client }
  return (await signInByIdentity(atClient, identified, issueCode(login))) ?? meet(atClient, login, identified)
}

/** The account of a newcomer whom a provider has identified in this login. Throws as `signUpByIdentity` does. */
export function signUpInLogin(
  ctx: Context,
  login: Login,
  signUps: IdentifiedLogin['signUps'],
): Promise<ProvenLogin> {
  const atClient = { ...ctx, client: login.client }
  return signUpByIdentity(atClient, { loginId: login.id, signUps }, issueCode(login))
}

/** An address counts where it is proven on both sides: else whoever has taken it, there or here, would get in. */
async function meet(
  ctx: Context,
  login: Login,
  { provider, identity, signUps }: IdentifiedLogin,
): Promise<UnknownIdentity> {
  const { email, isEmailProven } = identity
  if (email === undefined || !isEmailProven) return { unknown: 'nothing', provider }
  const holder = await ctx.store.accounts.byEmail(email)
  const accountId = holder?.email_verified_at == null ? undefined : holder.id
  if (accountId === undefined && !(await maySignUpWith(ctx, email, signUps)))
    return { unknown: 'nothing', provider }
  const of = { id: login.id, dialect: login.dialect, clientId: login.client.id }
  await keepPending(ctx, of, { provider, identity, email, accountId })
  return { unknown: accountId === undefined ? 'sign_up' : 'sign_in', provider }
}

import type { interactionPolicy, KoaContextWithOIDC } from 'oidc-provider'
import { asksForSecondFactor } from '../core/openid/assurance.ts'
import { hasSecondFactor } from '../core/sign-in/second-factor.ts'
import type { Protocol } from './protocol.ts'

type Policies = typeof interactionPolicy

/** What a browser is asked: the library's own questions, which account to use, and for a second factor. */
export function policyOf({ base, Prompt, Check }: Policies, protocol: Protocol) {
  const policy = base()
  policy
    .get('login')
    ?.checks.add(
      new Check('acr_values', 'the sign-in has no second factor', 'login_required', (ctx) =>
        wantsSecondFactor(protocol, ctx),
      ),
    )
  policy.get('login')?.checks.add(
    new Check('other_person', 'somebody else has signed in', 'login_required', (ctx) => {
      if (isOtherPerson(ctx)) throw protocol.loginRequired('somebody else has signed in')
      return false
    }),
  )
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0)
  return policy
}

/**
 * Whether the app means somebody else, by an ID token that it has shown (OpenID Connect Core §3.1.2.2): the library compares
 * them before a page is shown, and not when the browser comes back from it.
 */
function isOtherPerson({ oidc }: KoaContextWithOIDC): boolean {
  const hint = oidc.params?.id_token_hint
  const accountId = oidc.session?.accountId
  if (typeof hint !== 'string' || accountId === undefined || oidc.entities.IdTokenHint) return false
  // It was verified with the request.
  const { sub } = JSON.parse(Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString())
  return sub !== accountId
}

/**
 * Whether the app would like a second factor that the session has not shown and the account has (`acr_values` is a wish,
 * OpenID Connect Core §3.1.2.1).
 */
async function wantsSecondFactor({ ctx: realm }: Protocol, { oidc }: KoaContextWithOIDC): Promise<boolean> {
  if (!asksForSecondFactor(oidc.params?.acr_values as string | undefined)) return false
  const { accountId, acr } = oidc.session ?? {}
  if (accountId === undefined || acr === 'aal2' || oidc.result?.login) return false
  return hasSecondFactor(realm, accountId)
}

import type { RealmContext } from '../core/context.ts'
import { openidDoor } from '../core/openid/door.ts'
import { accountDoor, atAccountDoor } from '../core/self-service/account-door.ts'
import type { MountedDialect, Pages } from '../http/dialect.ts'
import type { App } from '../http/types.ts'
import { accountPages } from './account/account.ts'
import { shortAccountPath } from './account/short-path.ts'
import { assetRoutes } from './assets.ts'
import { changePages, undoPages } from './by-mail/confirm-change.ts'
import { forgotPasswordPages } from './by-mail/forgot-password.ts'
import { resetPasswordPages } from './by-mail/reset-password.ts'
import { verifyEmailPages } from './by-mail/verify-email.ts'
import { languageSwitch } from './language.ts'
import { authorizePages } from './openid/authorize.ts'
import type { PageParts } from './page-parts.ts'
import { relatedOriginsRoute } from './related-origins.ts'
import { refuseOtherSites } from './same-site.ts'
import { chooseAccountPages } from './sign-in/choose-account.ts'
import { passkeySignIn } from './sign-in/passkey-sign-in.ts'
import { signInPages } from './sign-in/sign-in.ts'
import { signUpPages } from './sign-in/sign-up.ts'
import { signUpWithPages } from './sign-in/sign-up-with.ts'
import { signedOutPage } from './sign-in/signed-out.ts'
import { postedAnswers, providerPages } from './sign-in/with-provider.ts'

interface HostedPages extends Pick<PageParts, 'sendPage' | 'assets' | 'smsPrefixes' | 'openid'>, Pages {
  /** The doors of the realm. */
  mounted: MountedDialect[]
}

/** Serves everything that a realm shows to people, whichever of its doors they come through. */
export async function hostedPages(
  app: App,
  ctx: RealmContext,
  { mounted, sendFailure, sendPage, assets, smsPrefixes, openid }: HostedPages,
): Promise<void> {
  const contextsByDialect = new Map(mounted.map(({ ctx }) => [ctx.door.dialect, ctx]))
  const { accountPage } = ctx.realm
  // Signing in to a browser is what both rest on.
  if (accountPage || openid) contextsByDialect.set(accountDoor.dialect, atAccountDoor(ctx))
  if (openid && ctx.realm.openid)
    contextsByDialect.set(openidDoor.dialect, { ...atAccountDoor(ctx), door: ctx.realm.openid.door })
  const signUpDoors = signUpDoorsOf(mounted)
  const parts = { ctx, contextsByDialect, signUpDoors, sendPage, assets, smsPrefixes, openid }
  assetRoutes(app, assets)
  const prefixes = mounted.flatMap(({ dialect }) => dialect.prefixes)
  if (accountPage) shortAccountPath(app, prefixes)
  relatedOriginsRoute(app, ctx)
  if (ctx.identityProviders.size > 0)
    await app.register(async (scope: App) => {
      scope.setErrorHandler(sendFailure)
      postedAnswers(scope)
    })
  await app.register(async (scope: App) => {
    scope.setErrorHandler(sendFailure)
    refuseOtherSites(scope, sendPage)
    signInPages(scope, parts)
    passkeySignIn(scope, parts)
    signUpPages(scope, parts)
    if (ctx.identityProviders.size > 0) {
      providerPages(scope, parts)
      signUpWithPages(scope, parts)
    }
    chooseAccountPages(scope, parts)
    forgotPasswordPages(scope, parts)
    resetPasswordPages(scope, parts)
    verifyEmailPages(scope, parts)
    undoPages(scope, parts)
    languageSwitch(scope, parts)
    if (openid) authorizePages(scope, parts, openid)
    if (!accountPage) return
    scope.get('/ui', (_request, reply) => reply.redirect('/ui/account', 303))
    signedOutPage(scope, parts)
    changePages(scope, parts)
    await accountPages(scope, parts)
  })
}

/**
 * Where people may sign up on the pages. Whoever has an account comes in by every door, so the account page and OpenID
 * Connect are closed to newcomers where one door is.
 */
function signUpDoorsOf(mounted: MountedDialect[]): Set<string> {
  const open = mounted.filter(({ dialect, settings }) => dialect.isOpenToNewcomers?.(settings) ?? true)
  const names = open.map(({ dialect }) => dialect.door.dialect)
  return new Set(open.length === mounted.length ? [...names, accountDoor.dialect, openidDoor.dialect] : names)
}

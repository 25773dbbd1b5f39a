import { requireCaller, requireSecondFactor } from '../../http/bearer.ts'
import type { DoorPages } from '../../http/dialect.ts'
import type { App } from '../../http/types.ts'
import { aboutRoutes } from './about.ts'
import { adminFactorRoutes } from './admin-factors.ts'
import { adminUserRoutes } from './admin-users.ts'
import { changeUserRoutes } from './change-user.ts'
import { nameClient } from './client.ts'
import { sendRefused } from './errors.ts'
import { challengeRoutes, factorRoutes } from './factors.ts'
import { linkRoutes } from './follow-link.ts'
import { generateLinkRoutes } from './generate-link.ts'
import { mailRoutes } from './mails.ts'
import type { Settings } from './manifest.ts'
import { reauthenticationRoute } from './reauthentication.ts'
import { refusedRoutes } from './refused.ts'
import { requireServiceKey } from './service-key.ts'
import { signOutRoute } from './sign-out.ts'
import { signUpRoutes } from './sign-up.ts'
import { tokenRoutes } from './token.ts'
import { userRoutes } from './user.ts'
import { verifyRoutes } from './verify.ts'

/** contracts/gotrue.md */
export function routes(app: App, settings: Settings, pages: DoorPages): void {
  app.addHook('onRequest', nameClient)
  app.register(async (scope: App) => {
    scope.setErrorHandler(sendRefused)
    aboutRoutes(scope, settings)
    signUpRoutes(scope, settings)
    tokenRoutes(scope, settings)
    mailRoutes(scope, settings)
    verifyRoutes(scope, settings)
    linkRoutes(scope, pages)
    signOutRoute(scope)
    scope.register(async (scope: App) => {
      requireServiceKey(scope, settings)
      adminUserRoutes(scope, settings)
      adminFactorRoutes(scope)
      generateLinkRoutes(scope, settings)
    })
    scope.register(async (scope: App) => {
      requireCaller(scope)
      userRoutes(scope, settings)
      challengeRoutes(scope, settings)
      // What a session has open once it has shown the second factor of its account.
      scope.register(async (scope: App) => {
        requireSecondFactor(scope)
        factorRoutes(scope)
        changeUserRoutes(scope, settings)
        reauthenticationRoute(scope)
      })
    })
    scope.register(async (scope: App) => refusedRoutes(scope))
  })
}

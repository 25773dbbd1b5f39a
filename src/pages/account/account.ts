import type { App } from '../../http/types.ts'
import type { PageParts } from '../login.ts'
import { emailConfirmRoutes, emailRoutes } from './email.ts'
import { forSignedIn } from './person.ts'
import { phoneRoutes } from './phone.ts'
import { profileRoutes } from './profile.ts'
import { proveRoutes } from './prove.ts'
import { accountSender } from './send.ts'
import { signInRoutes, signOutRoutes } from './sign-in.ts'

/** The account page: what people see and change of their own account, whichever doors they come through. */
export async function accountPages(app: App, parts: PageParts): Promise<void> {
  signInRoutes(app, parts)
  const send = accountSender(parts.sendPage)
  await app.register(async (scope: App) => {
    forSignedIn(scope, parts)
    signOutRoutes(scope)
    proveRoutes(scope, send)
    profileRoutes(scope, send)
    emailRoutes(scope, send)
    emailConfirmRoutes(scope, send)
    phoneRoutes(scope, send, parts.smsPrefixes)
  })
}

import type { App } from '../../http/types.ts'
import type { PageParts } from '../login.ts'
import { passkeyOfferRoutes } from './passkey-offer.ts'
import { passkeyRoutes } from './passkeys.ts'
import { forSignedIn } from './person.ts'
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
    passkeyRoutes(scope, send)
    passkeyOfferRoutes(scope, send)
  })
}

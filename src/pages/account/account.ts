import type { App } from '../../http/types.ts'
import type { PageParts } from '../page-parts.ts'
import { activityRoutes } from './activity.ts'
import { appRoutes } from './apps.ts'
import { authenticatorRoutes } from './authenticator.ts'
import { dataRoutes } from './data.ts'
import { deviceRoutes } from './devices.ts'
import { emailConfirmRoutes, emailRoutes } from './email.ts'
import { identityRoutes } from './identities.ts'
import { leadInterruptedOn } from './interrupted.ts'
import { passkeyOfferRoutes } from './passkey-offer.ts'
import { passkeyRoutes } from './passkeys.ts'
import { passwordRoutes } from './password.ts'
import { forSignedIn } from './person.ts'
import { phoneRoutes } from './phone.ts'
import { profileRoutes } from './profile.ts'
import { proveRoutes } from './prove.ts'
import { recoveryCodeRoutes } from './recovery-codes.ts'
import { securityRoutes } from './security.ts'
import { accountSender } from './send.ts'
import { signInRoutes, signOutRoutes } from './sign-in.ts'
import { trustedDeviceRoutes } from './trusted-devices.ts'
import { usernameRoutes } from './username.ts'

/** The account page: what people see and change of their own account, whichever doors they come through. */
export async function accountPages(app: App, parts: PageParts): Promise<void> {
  signInRoutes(app, parts)
  const send = accountSender(parts)
  await app.register(async (scope: App) => {
    forSignedIn(scope, parts)
    leadInterruptedOn(scope)
    signOutRoutes(scope)
    proveRoutes(scope, send)
    profileRoutes(scope, send)
    dataRoutes(scope, send)
    usernameRoutes(scope, send)
    deviceRoutes(scope, send)
    if (parts.openid) appRoutes(scope, send)
    activityRoutes(scope, send)
    securityRoutes(scope, send)
    passwordRoutes(scope, send)
    authenticatorRoutes(scope, send)
    recoveryCodeRoutes(scope, send)
    trustedDeviceRoutes(scope)
    emailRoutes(scope, send)
    emailConfirmRoutes(scope, send)
    phoneRoutes(scope, send, parts.smsPrefixes)
    passkeyRoutes(scope, send)
    identityRoutes(scope, parts, send)
    passkeyOfferRoutes(scope, send)
  })
}

import { accountDoor } from '../core/self-service/account-door.ts'
import { secretCookie } from './cookies.ts'

/** The session of a browser: its account page and, with OpenID Connect, its single sign-on. */
export const sessionCookie = secretCookie('__Host-manydoors-session', accountDoor.absoluteLifetime)

import { loginLifetimeSeconds } from '../core/sign-in/hosted-logins.ts'
import { secretCookie } from './cookies.ts'

/** The secret of the login that a browser has begun, for as long as that lives. */
export const loginCookie = secretCookie('__Host-manydoors-login', loginLifetimeSeconds)

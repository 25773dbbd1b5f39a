/** Starts without OpenID Connect. */
export const openidOff = { realm: { openid: { enabled: false } } }

/** Starts with it, and asks for what needs the protocol library, which is loaded then. */
export const openidUsed = { realm: { openid: {} }, use: '/.well-known/openid-configuration' }

/** The library that checks what authenticators sign; loaded when it is first needed, as it takes 22 MiB. */
export function loadWebAuthn(): Promise<typeof import('@simplewebauthn/server')> {
  return import('@simplewebauthn/server')
}

/** What that library reads and writes the parts of an answer with; loaded when it is first needed, too. */
export function loadWebAuthnHelpers(): Promise<typeof import('@simplewebauthn/server/helpers')> {
  return import('@simplewebauthn/server/helpers')
}

/** EdDSA, ES256 and RS256 (COSE): what every authenticator has one of. */
export const algorithms = [-8, -7, -257]

/** Where the protocol is served, below the public URL of a realm. */
export const paths = {
  authorization: '/oidc/authorize',
  token: '/oidc/token',
  userinfo: '/oidc/userinfo',
  introspection: '/oidc/introspect',
  revocation: '/oidc/revoke',
  pushed_authorization_request: '/oidc/par',
  registration: '/oidc/register',
  end_session: '/oidc/logout',
  device_authorization: '/oidc/device/code',
  code_verification: '/oidc/device',
  jwks: '/.well-known/jwks.json',
} as const

export const discoveryPaths = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
] as const

/** The page of ours on which a browser is asked what the protocol needs to know. */
export function interactionPath(uid: string): string {
  return `/ui/authorize/${uid}`
}

import type { Account } from '../../core/accounts/account.ts'
import { profileText } from '../../core/accounts/profile.ts'
import type { Client } from '../../core/clients/client.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import type { Refreshed } from '../../core/sessions/refresh.ts'
import type { Session } from '../../core/sessions/session.ts'
import { deviceOf } from '../../http/device.ts'

/** What `/signin` and `/refresh-token` have in common. The handle is what a client knows its own session by. */
function presentTokens({ tokens }: Refreshed, handle: string) {
  return {
    access_token: tokens.accessToken,
    expires_in: (tokens.accessExpiresAt - tokens.issuedAt) / 1000,
    refresh_expires_in: (tokens.refreshExpiresAt - tokens.issuedAt) / 1000,
    refresh_token: tokens.refreshToken,
    token_type: 'Bearer',
    'not-before-policy': 0,
    session_state: handle,
    scope: 'email profile',
  }
}

export function presentSignedIn(signedIn: SignedIn, handle: string) {
  return { ...presentTokens(signedIn, handle), isRegisteredToSupabase: false, sessionId: handle }
}

export function presentRefreshed(refreshed: Refreshed, handle: string) {
  return { ...presentTokens(refreshed, handle), sessionId: handle }
}

/** A session with its tokens, as Studio reads it whenever a page is loaded. */
export function presentSessionDetails({ tokens, session }: Refreshed) {
  return {
    ...presentSession(session),
    sessionToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    expires: (tokens.accessExpiresAt - tokens.issuedAt) / 1000,
  }
}

export function presentSession(session: Session) {
  return {
    id: session.id,
    userId: session.account_id,
    expiresAt: new Date(session.idle_expires_at).toISOString(),
    createdAt: new Date(session.created_at).toISOString(),
    clientInfo: presentClientInfo(session),
    sessionType: 'user-session',
  }
}

/** JSON as text: that is how the original keeps it and its clients read it. */
function presentClientInfo(session: Session): string {
  const { browser, version, os, osVersion, platform = 'unknown' } = deviceOf(session)
  return JSON.stringify({
    browser: [browser, version].filter(Boolean).join(' ') || 'unknown',
    os: [os, osVersion].filter(Boolean).join(' ') || 'unknown',
    deviceType: platform,
    rawDetail: session.user_agent,
    ip: session.ip,
  })
}

export function presentProfile(account: Account) {
  return {
    id: account.id,
    username: account.username ?? account.email,
    email: account.email,
    firstName: profileText(account, 'firstName'),
    lastName: profileText(account, 'lastName'),
    profileImg: null,
    publicProfile: false,
    supabaseUserId: null,
    keycloakUserId: account.id,
    isEmailVerified: account.email_verified_at !== null,
    userOrgRoles: [],
  }
}

export function presentIdentity({ id, email }: Account) {
  return { id, email }
}

export function presentClient(client: Client, publicUrl: string) {
  return { id: client.id, clientAlias: client.id, clientUrl: client.frontEndUrl ?? publicUrl }
}

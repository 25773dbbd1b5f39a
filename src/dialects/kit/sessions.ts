/** Sessions: who asks, their tokens, and how they end. */

export { type Refreshed, refresh, refuseRefresh } from '../../core/sessions/refresh.ts'
export { refreshWithAny } from '../../core/sessions/refresh-with-any.ts'
export type { Session } from '../../core/sessions/session.ts'
export {
  isHandleShaped,
  openByHandle,
  readSessionHandle,
  sessionHandle,
} from '../../core/sessions/session-handles.ts'
export {
  type Caller,
  deleteSession,
  listSessions,
  signOutEverywhere,
  signOutOthers,
} from '../../core/sessions/sessions.ts'
export { type Leaver, revoke, signOut, signOutOf, signOutSelf } from '../../core/sessions/sign-out.ts'
export { isRefreshTokenShaped, type Tokens } from '../../core/sessions/tokens.ts'
export {
  bearerToken,
  forCallers,
  forLeavers,
  isNoToken,
  readCaller,
  requireCaller,
  requireSecondFactor,
} from '../../http/bearer.ts'
export { deviceOf } from '../../http/device.ts'

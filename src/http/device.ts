import Bowser from 'bowser'
import type { Device } from '../core/context.ts'

/** In characters; what is behind them is not looked at. */
const longestUserAgent = 512

/** What a user agent says of itself; `undefined` for one that says nothing. */
export function readUserAgent(userAgent: string | null | undefined): Device | undefined {
  if (!userAgent) return undefined
  const { browser, os, platform } = Bowser.parse(userAgent.slice(0, longestUserAgent))
  return {
    browser: browser.name || undefined,
    version: browser.version || undefined,
    os: os.name || undefined,
    osVersion: os.version || undefined,
    platform: platform.type || undefined,
  }
}

/** The device that a session was opened on. Where a former release has opened it, its user agent is read now. */
export function deviceOf(session: { device: string | null; user_agent: string | null }): Device {
  if (session.device !== null) return JSON.parse(session.device)
  return readUserAgent(session.user_agent) ?? {}
}

import Bowser from 'bowser'
import type { Device } from '../core/context.ts'

/** In characters; what is behind them is not looked at. */
const maxUserAgentLength = 512

/** What a user agent says of itself; `undefined` for one that says nothing. */
export function readUserAgent(userAgent: string | null | undefined): Device | undefined {
  if (!userAgent) return undefined
  const { browser, os, platform } = Bowser.parse(userAgent.slice(0, maxUserAgentLength))
  return {
    browser: browser.name || undefined,
    version: browser.version || undefined,
    os: os.name || undefined,
    osVersion: os.version || undefined,
    platform: platform.type || undefined,
  }
}

/** The device that a session was opened on; empty without a user agent. */
export function deviceOf({ device }: { device: string | null }): Device {
  return device === null ? {} : JSON.parse(device)
}

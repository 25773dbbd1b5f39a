import { accessSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'

/** Where Debian and Google put their browsers. */
const places = ['/usr/bin/chromium', '/usr/bin/google-chrome']

/** The system's Chromium; `undefined` where there is none. */
const executablePath = places.find((place) => {
  try {
    accessSync(place)
    return true
  } catch {
    return false
  }
})

/** Why tests with a browser are skipped; `false` where there is one. */
export const noBrowser =
  executablePath === undefined && 'no Chromium at /usr/bin/chromium or /usr/bin/google-chrome'

/** Starts a browser that talks to nobody but those it is sent to, with more arguments if need be. The caller closes it. */
export function launchBrowser(more: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

/** A port that nobody listens on: where a page uses passkeys, the public URL must name that of the server. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

/** An app that people come back to. */
export interface AppServer {
  port: number
  /** The target and the referrer of every request for a page, oldest first. */
  visits: { target: string; referrer: string | undefined }[]
  close(): Promise<void>
}

/** Starts an app on a free port of the loopback. The caller closes it. */
export async function startApp(): Promise<AppServer> {
  const visits: AppServer['visits'] = []
  const server = createServer(({ url = '', headers }, answer) => {
    if (url !== '/favicon.ico') visits.push({ target: url, referrer: headers.referer })
    answer.setHeader('content-type', 'text/html')
    answer.end('<!doctype html><title>The app</title>')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    port,
    visits,
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type PagesApp, servePages } from '../../harness/pages-app.ts'
import { apikey } from './auth-js.ts'

/** Where the client's modules for browsers are, and the one that they need. */
const entry = fileURLToPath(import.meta.resolve('@supabase/auth-js'))
const modules = entry.replace(/dist.*/, 'dist/module')
const tslib = createRequire(entry).resolve('tslib/tslib.es6.mjs')

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The app</title><link rel="icon" href="data:">
<script type="importmap">{ "imports": { "tslib": "/tslib.js" } }</script>
<script type="module" src="/app.js"></script>`

/** `?flow=pkce` and `?lock` have the client do so; they outlive the way to the server and back. */
const script = (url: string) => `
import { AuthClient, navigatorLock } from '/auth-js/index.js'
const asked = new URLSearchParams(location.search)
for (const name of ['flow', 'lock']) if (asked.has(name)) sessionStorage.setItem(name, asked.get(name))
window.events = []
window.auth = new AuthClient({
  url: ${JSON.stringify(url)},
  headers: { apikey: ${JSON.stringify(apikey)} },
  flowType: sessionStorage.getItem('flow') ?? 'implicit',
  ...(sessionStorage.getItem('lock') !== null && { lock: navigatorLock }),
})
auth.onAuthStateChange((event) => void events.push(event))
await auth.initialize()
document.body.dataset.ready = ''
`

/** Starts an app whose pages have the client as `auth`, and what that has told as `events`. The caller closes it. */
export function startBrowserApp(url: () => string): Promise<PagesApp> {
  return servePages((request, answer) => {
    const { pathname } = new URL(request.url ?? '', 'http://app')
    if (pathname === '/app.js') return sendScript(answer, script(url()))
    if (pathname === '/tslib.js') return sendScript(answer, readFileSync(tslib))
    if (pathname.startsWith('/auth-js/'))
      return sendScript(answer, readModule(pathname.slice('/auth-js/'.length)))
    answer.setHeader('content-type', 'text/html')
    return answer.end(page)
  })
}

/** A module of the client as it is published; its imports name files without their ending, as builders know them. */
function readModule(path: string): Buffer {
  const name = normalize(`/${path}`)
  return readFileSync(join(modules, name.endsWith('.js') ? name : `${name}.js`))
}

function sendScript(answer: ServerResponse, text: string | Buffer): void {
  answer.setHeader('content-type', 'text/javascript')
  answer.setHeader('cache-control', 'max-age=600')
  answer.end(text)
}

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type PagesApp, servePages } from '../harness/pages-app.ts'

/** As it is published for pages that are built by nothing. */
const library = readFileSync(
  fileURLToPath(import.meta.resolve('oidc-client-ts')).replace(
    /dist.*/,
    'dist/browser/oidc-client-ts.min.js',
  ),
)

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The app</title><link rel="icon" href="data:">
<h1></h1>
<button id="sign-in">Sign in</button> <button id="renew">Renew</button>
<button id="revoke">Revoke</button> <button id="sign-out">Sign out</button>
<p role="status"></p>
<script src="/oidc-client-ts.js"></script><script src="/app.js"></script>`

/** What such an app does: `docs/openid.md` shows it without what is for tests alone. */
const script = ({ issuer, clientId }: { issuer: string; clientId: string }) => `
const users = new oidc.UserManager({
  authority: ${JSON.stringify(issuer)},
  client_id: ${JSON.stringify(clientId)},
  redirect_uri: location.origin + '/callback',
  post_logout_redirect_uri: location.origin + '/',
  scope: 'openid email',
  loadUserInfo: true,
  automaticSilentRenew: false,
})
const show = (user) => {
  window.user = user
  document.querySelector('h1').textContent = user ? 'Hello, ' + user.profile.email : 'Nobody is signed in'
}
const on = (id, act) =>
  document.getElementById(id).addEventListener('click', async () => {
    const status = document.querySelector('[role=status]')
    try {
      await act()
      status.textContent = id + ': done'
    } catch (error) {
      status.textContent = id + ': ' + error.message
    }
  })
on('sign-in', () => users.signinRedirect())
on('renew', async () => show(await users.signinSilent()))
on('revoke', () => users.revokeTokens(['refresh_token']))
on('sign-out', () => users.signoutRedirect())
if (location.pathname === '/callback') {
  users.signinCallback().then((user) => {
    history.replaceState({}, '', '/')
    show(user)
  })
} else users.getUser().then(show)
`

/** Starts an app that comes in by `oidc-client-ts`. The caller closes it. */
export function startSinglePageApp(clientId: string, issuer: () => string): Promise<PagesApp> {
  return servePages(({ url = '' }, answer) => {
    if (url === '/oidc-client-ts.js') return answer.setHeader('content-type', 'text/javascript').end(library)
    if (url === '/app.js')
      return answer.setHeader('content-type', 'text/javascript').end(script({ issuer: issuer(), clientId }))
    answer.setHeader('content-type', 'text/html')
    answer.setHeader('content-security-policy', `default-src 'self' data:; connect-src ${issuer()}`)
    return answer.end(page)
  })
}

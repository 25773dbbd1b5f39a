import { createServer } from 'node:http'
import * as client from 'openid-client'

/** An app in which people sign in by OpenID Connect: `node examples/openid-app/index.ts CLIENT_ID [ISSUER]`. */
const [clientId, issuer = 'http://localhost:5000'] = process.argv.slice(2)
if (clientId === undefined) throw new Error('say the id of the app, as `client add` has printed it')

const home = 'http://127.0.0.1:8000'
// All that it is told of the server is where that is. Over plain http only as it is on this machine.
const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
  execute: issuer.startsWith('http:') ? [client.allowInsecureRequests] : [],
})
// One visitor at a time is enough here: an app keeps this for each browser.
let begun = { pkceCodeVerifier: '', expectedState: '' }

async function begin(): Promise<URL> {
  begun = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState() }
  return client.buildAuthorizationUrl(config, {
    redirect_uri: `${home}/callback`,
    scope: 'openid email',
    state: begun.expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(begun.pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
}

async function finish(callback: URL): Promise<string> {
  const tokens = await client.authorizationCodeGrant(config, callback, begun)
  const { sub } = tokens.claims() ?? {}
  const { email } = await client.fetchUserInfo(config, tokens.access_token, sub ?? '')
  return `Hello, ${email}: you are ${sub}.\n`
}

createServer(async ({ url = '/' }, response) => {
  const { pathname, href } = new URL(url, home)
  try {
    if (pathname === '/') response.writeHead(302, { location: (await begin()).href }).end()
    else if (pathname === '/callback') response.end(await finish(new URL(href)))
    else response.writeHead(404).end()
  } catch (error) {
    response.writeHead(400).end(`${error instanceof Error ? error.message : error}\n`)
  }
}).listen(8000, '127.0.0.1', () => process.stdout.write(`The app is at ${home}\n`))

import type { Answer, RequestOptions, TestServer } from '../harness/harness.ts'
import type { App } from './relying-party.ts'

type Target = Pick<TestServer, 'request'>

/** The header by which an app with a secret shows who it is. */
export function basicAuth({ id, secret }: App): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

/** Posts a form to an endpoint as an app does: with its secret, or where it has none with its name alone. */
export function post(
  target: Target,
  app: App,
  path: string,
  form: Record<string, string>,
  { headers }: Pick<RequestOptions, 'headers'> = {},
): Promise<Answer> {
  if (app.secret === undefined)
    return target.request('POST', path, { form: { client_id: app.id, ...form }, headers })
  return target.request('POST', path, { form, headers: { ...basicAuth(app), ...headers } })
}

/** Refreshes, as an app does. */
export function refresh(
  target: Target,
  app: App,
  refreshToken: string,
  options?: Pick<RequestOptions, 'headers'>,
): Promise<Answer> {
  return post(
    target,
    app,
    '/oidc/token',
    { grant_type: 'refresh_token', refresh_token: refreshToken },
    options,
  )
}

/** Exchanges what an app was called back with for tokens. */
export function exchangeCode(
  target: Target,
  app: App,
  { callback, verifier }: { callback: URL; verifier: string },
): Promise<Answer> {
  return post(target, app, '/oidc/token', {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: app.redirectUri,
    code_verifier: verifier,
  })
}

/** Whether a token is good, as the app that asks is told. */
export async function isActive(target: Target, app: App, token: string): Promise<boolean> {
  const { status, body, text } = await post(target, app, '/oidc/introspect', { token })
  if (status !== 200) throw new Error(`introspection has answered ${status}: ${text}`)
  return body.active
}

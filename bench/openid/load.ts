import type autocannon from 'autocannon'
import type { Step } from '../load.ts'
import { paths, redirectUri } from './clients.ts'

/** What a load asks of OpenID Connect. A narrow refresh asks for no ID token. */
export type OpenidScenario =
  | 'openid-refresh'
  | 'openid-narrow-refresh'
  | 'openid-code'
  | 'openid-userinfo'
  | 'openid-introspection'

/** What one person has of one app when a measurement begins. */
export interface OpenidPerson {
  /** Of the app: the value of its Authorization header. */
  authorization: string
  accessToken: string
  refreshToken: string
  /** Each with the verifier below. */
  codes: string[]
}

/** Of every request for a code here: what a verifier protects is not measured. */
export const verifier = 'of-the-benchmark-and-of-nothing-else-0123456789'

/** The scopes that codes are asked for with. */
export const fullScope = 'openid profile email'
const narrowScope = 'profile'

export const openidScenarios: Record<OpenidScenario, (person: OpenidPerson) => Step> = {
  'openid-refresh': (person) => refresh(person, {}),
  'openid-narrow-refresh': (person) => refresh(person, { scope: narrowScope }),
  'openid-code': ({ authorization, codes }) =>
    form(paths.token, authorization, () => ({
      grant_type: 'authorization_code',
      code: codes.pop() ?? 'none is left',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    })),
  'openid-userinfo': ({ accessToken }) => ({
    setupRequest: (request) => ({
      ...request,
      method: 'GET',
      path: paths.userinfo,
      headers: { authorization: `Bearer ${accessToken}` },
    }),
  }),
  'openid-introspection': ({ authorization, accessToken }) =>
    form(paths.introspect, authorization, () => ({ token: accessToken })),
}

function refresh({ authorization, refreshToken }: OpenidPerson, more: Record<string, string>): Step {
  let token = refreshToken
  return {
    ...form(paths.token, authorization, () => ({
      grant_type: 'refresh_token',
      refresh_token: token,
      ...more,
    })),
    onResponse: (status, body) => {
      if (status === 200) token = JSON.parse(body).refresh_token
    },
  }
}

function form(path: string, authorization: string, fields: () => Record<string, string>): Step {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization }
  return {
    setupRequest: (request: autocannon.Request) => ({
      ...request,
      method: 'POST',
      path,
      headers,
      body: new URLSearchParams(fields()).toString(),
    }),
  }
}

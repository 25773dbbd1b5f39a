import { type Exchange, isSuccess, leavesOf } from './exchange.ts'
import type { Part, Route } from './roles.ts'

/** What was seen of tokens. Lifetimes are in seconds. */
export interface TokenFacts {
  accessLifetime?: number
  /** Of a refresh token that says when it ends, or of its cookie. */
  idleLifetime?: number
  form: 'opaque' | 'jwt'
  /** `undefined`: nothing was refreshed. */
  isReplaced?: boolean
  cookie?: { name: string; attributes: Record<string, string> }
}

/** Reads lifetimes out of JWTs, `expires_in` and cookies, and what refreshing does to a refresh token. */
export function tokenFactsOf(routes: { route: Route; part: Part | undefined }[]): TokenFacts {
  const exchanges = routes.flatMap(({ route }) => route.exchanges).filter(isSuccess)
  const leaves = exchanges.flatMap(({ answer }) => leavesOf(answer))
  const texts = leaves.filter(
    (leaf): leaf is typeof leaf & { value: string } => typeof leaf.value === 'string',
  )
  const access = texts.find(({ name, value }) => !/refresh/i.test(name) && jwtLifetime(value) !== undefined)
  const refreshes = texts.filter(({ name }) => /refresh/i.test(name)).map(({ value }) => value)
  const jwt = refreshes.map(jwtLifetime).find((seconds) => seconds !== undefined)
  const cookie = exchanges
    .flatMap(({ setCookies }) => setCookies)
    .find(
      ({ name, value, attributes }) =>
        value !== '' &&
        attributes['max-age'] !== '0' &&
        (refreshes.includes(value) || /refresh|token|session/i.test(name)),
    )
  const expiresIn = leaves.find(({ name }) => /^expires?_?in$/i.test(name))?.value
  const accessLifetime = access ? jwtLifetime(access.value) : secondsOf(expiresIn)
  const idleLifetime = jwt ?? secondsOf(Number(cookie?.attributes['max-age']))
  const isReplaced = replacementOf(
    routes.filter(({ part }) => part?.role === 'refresh').flatMap(({ route }) => route.exchanges),
  )
  return {
    form: jwt === undefined ? 'opaque' : 'jwt',
    ...(accessLifetime !== undefined && { accessLifetime }),
    ...(idleLifetime !== undefined && { idleLifetime }),
    ...(isReplaced !== undefined && { isReplaced }),
    ...(cookie && { cookie: { name: cookie.name, attributes: cookie.attributes } }),
  }
}

function jwtLifetime(token: string): number | undefined {
  const [, payload, signature] = token.split('.')
  if (!payload || !signature) return undefined
  try {
    const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return secondsOf(exp - iat)
  } catch {
    return undefined
  }
}

/** Whole seconds; of values that are none, `undefined`. */
function secondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? Math.round(value) : undefined
}

function replacementOf(refreshes: Exchange[]): boolean | undefined {
  const [first] = refreshes.filter(isSuccess)
  if (!first) return undefined
  const sent = new Set([...leavesOf(first.body), ...leavesOf(first.cookies)].map(({ value }) => value))
  const given = [...leavesOf(first.answer).filter(({ name }) => /refresh/i.test(name)), ...first.setCookies]
  return given.length > 0 && !given.some(({ value }) => sent.has(value))
}

import { asFields, type Exchange, isSuccess, leavesOf } from './exchange.ts'

/** A path and a method, and what was seen of them. */
export interface Route {
  method: string
  path: string
  exchanges: Exchange[]
}

/** What a door has routes for. */
export type Role =
  | 'signUp'
  | 'signIn'
  | 'secondFactor'
  | 'refresh'
  | 'signOut'
  | 'me'
  | 'forgot'
  | 'reset'
  | 'confirmAgain'
  | 'confirm'

/** `isSure`: both its path and its fields say so. */
export interface Part {
  role: Role
  isSure: boolean
}

interface Trait {
  /** Words of the path. */
  words: RegExp
  /** Fields and answers. */
  fits: (route: Route) => boolean
}

const identifier = /e-?mail|user_?name|login|identifier|phone/i
export const passwordName = /pass|pwd/i
export const emailName = /e-?mail/i
const secret = /token|code|ticket|key|secret/i

/** In the order in which they are asked: the first of those that fit equally well is taken. */
const traits: Record<Role, Trait> = {
  refresh: {
    words: /refresh|renew/i,
    fits: (route) =>
      (route.method !== 'GET' && has(route, /refresh/i)) ||
      (answersToken(route) && !has(route, passwordName) && !has(route, /code|otp/i)),
  },
  signOut: {
    words: /sign-?out|log-?(out|off)/i,
    fits: (route) =>
      /sign-?out|log-?(out|off)/i.test(route.path) ||
      (route.method === 'DELETE' && /sessions?$/i.test(route.path)),
  },
  secondFactor: {
    words: /two-?factor|second-?factor|2fa|mfa|otp|challenge/i,
    fits: (route) => has(route, /code|otp|pin/i) && !has(route, passwordName) && !hasBearer(route),
  },
  reset: {
    words: /reset|recover|new-?password|forgot/i,
    fits: (route) => has(route, passwordName) && hasSecret(route) && !hasBearer(route),
  },
  forgot: {
    words: /forgot|recover|lost|reset/i,
    fits: (route) => has(route, identifier) && !has(route, passwordName) && !hasSecret(route),
  },
  confirmAgain: {
    words: /resend|again/i,
    fits: (route) => has(route, emailName) && !has(route, passwordName) && !hasSecret(route),
  },
  confirm: {
    words: /verif|confirm|activat/i,
    fits: (route) => hasSecret(route) && !has(route, passwordName) && !hasBearer(route),
  },
  signIn: {
    words: /sign-?in|log-?in|sessions?$|authenticate|\/token$/i,
    fits: (route) => has(route, passwordName) && has(route, identifier) && answersToken(route),
  },
  signUp: {
    words: /sign-?up|regist|join|create|(users?|accounts?)$/i,
    fits: (route) => route.method === 'POST' && has(route, passwordName) && has(route, identifier),
  },
  me: {
    words: /\b(me|user|users|profile|account|session|whoami)$/i,
    fits: (route) => route.method === 'GET' && hasBearer(route) && isAboutOne(route),
  },
}

/** What a route is for, where anything says so. */
export function partOf(route: Route): Part | undefined {
  const found = Object.entries(traits).flatMap(([name, { words, fits }]) => {
    if (!fits(route)) return []
    return [{ role: name as Role, isSure: words.test(route.path) }]
  })
  return found.find(({ isSure }) => isSure) ?? found[0]
}

/** The names of its fields, in the order in which they were first sent. */
export function namesOf({ exchanges }: Route): string[] {
  const told = exchanges.some(isSuccess) ? exchanges.filter(isSuccess) : exchanges
  return [...new Set(told.flatMap(({ body }) => Object.keys(body)))]
}

function has(route: Route, name: RegExp): boolean {
  return namesOf(route).some((one) => name.test(one))
}

function hasSecret({ path, exchanges }: Route): boolean {
  const names = exchanges.flatMap(({ body, query }) => [...Object.keys(body), ...Object.keys(query)])
  return path.includes('/:') || names.some((name) => secret.test(name))
}

function hasBearer({ exchanges }: Route): boolean {
  return exchanges.some((exchange) => exchange.hasBearer && isSuccess(exchange))
}

function answersToken({ exchanges }: Route): boolean {
  const answers = exchanges.filter(isSuccess)
  return answers.some(({ answer, setCookies }) => {
    const isToken = ({ name, value }: { name: string; value: unknown }) =>
      typeof value === 'string' && /token|jwt/i.test(name) && !/type|hash/i.test(name)
    return leavesOf(answer).some(isToken) || setCookies.some(isToken)
  })
}

function isAboutOne({ exchanges }: Route): boolean {
  const answers = exchanges.filter(isSuccess).map(({ answer }) => asFields(answer))
  return answers.some((answer) => leavesOf(answer).some(({ name }) => emailName.test(name)))
}

import type { ErrorCode } from '../../src/core/errors.ts'
import type { Exchange } from './exchange.ts'
import { emailName, namesOf, type Part, passwordName, type Role, type Route } from './roles.ts'

/** What statuses mean at every door. */
const byStatus: Record<number, ErrorCode> = {
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  431: 'headers_too_large',
  500: 'internal',
  503: 'unavailable',
}

/** What is wrong where the request is whole. */
const byRole: Partial<Record<Role, ErrorCode>> = {
  signIn: 'credentials_invalid',
  refresh: 'refresh_invalid',
  signOut: 'access_invalid',
  me: 'access_invalid',
  secondFactor: 'challenge_invalid',
  reset: 'ticket_invalid',
  confirm: 'ticket_invalid',
}

/** Which refusal of the core an answer stands for, by its request, status and words; `undefined` where nothing says so. */
export function refusalOf(route: Route, part: Part | undefined, exchange: Exchange): ErrorCode | undefined {
  const known = byStatus[exchange.status]
  if (known) return known
  if (!part) return exchange.status === 404 ? 'route_not_found' : undefined
  const words = JSON.stringify(exchange.answer ?? '').toLowerCase()
  if (faultyField(route, exchange) !== undefined) return 'validation_failed'
  if (part.role === 'refresh' && faultyField(route, exchange) === undefined) return 'refresh_invalid'
  if (part.role === 'signUp') return refusalOfSignUp(exchange, words)
  if (part.role === 'signIn' && /verif|confirm|activat/.test(words)) return 'email_unverified'
  if (part.role === 'secondFactor' && /code/.test(words) && exchange.status === 401)
    return 'second_factor_code_invalid'
  if (part.role === 'reset' && speaksOfPassword(words)) return 'password_rejected'
  return byRole[part.role] ?? (exchange.status === 401 ? 'access_invalid' : undefined)
}

function refusalOfSignUp({ status }: Exchange, words: string): ErrorCode {
  if (status === 409 || /exist|taken|already|in use/.test(words)) {
    if (/user ?name/.test(words)) return 'username_taken'
    return /phone|number/.test(words) ? 'phone_taken' : 'email_taken'
  }
  return speaksOfPassword(words) ? 'password_rejected' : 'validation_failed'
}

function speaksOfPassword(words: string): boolean {
  return passwordName.test(words)
}

/** The field that is missing, of another type than usual, or no e-mail address; `undefined` where all are in order. */
export function faultyField(
  route: Route,
  { body }: Exchange,
): { name: string; fault: 'missing' | 'wrong' } | undefined {
  for (const name of namesOf(route)) {
    const value = body[name]
    const isMissing = value === undefined || value === null || value === ''
    // Other requests did without it.
    if (isMissing && isOptional(route, name)) continue
    if (isMissing) return { name, fault: 'missing' }
    if (typeof value !== typeof usual(route, name)) return { name, fault: 'wrong' }
    if (emailName.test(name) && !/^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$/.test(String(value)))
      return { name, fault: 'wrong' }
  }
  return undefined
}

/** Whether a request did without the field and was answered all the same. */
export function isOptional({ exchanges }: Route, name: string): boolean {
  return exchanges.some(({ status, body }) => status < 300 && (body[name] ?? '') === '')
}

function usual({ exchanges }: Route, name: string): unknown {
  const value = exchanges.find(({ status, body }) => status < 300 && body[name] !== undefined)?.body[name]
  return value ?? ''
}

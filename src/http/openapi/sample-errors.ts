import { z } from 'zod'
import { AuthError, type ErrorCode, type Issue } from '../../core/errors.ts'
import { checkForm } from '../../core/passwords/check.ts'
import type { PasswordPolicy } from '../../core/passwords/policy.ts'
import { halfCharacterIssues } from '../half-characters.ts'
import type { ServedRoute } from '../served-routes.ts'
import { issuesOf } from '../validation.ts'
import type { FieldTexts } from './fields.ts'

/** What meets every request, whatever its route does. */
export const everywhere: ErrorCode[] = [
  'bad_request',
  'route_not_found',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
  'rate_limited',
  'headers_too_large',
  'internal',
  'overloaded',
  'unavailable',
]

const retryAfter: Partial<Record<ErrorCode, number>> = { rate_limited: 60, overloaded: 1, unavailable: 5 }

/** Makes errors of a route as its requests meet them, of what its schemas and the realm say. */
export function sampleErrors(
  { schema }: ServedRoute,
  { newPassword, lengths }: Pick<FieldTexts, 'newPassword' | 'lengths'>,
): { codes: ErrorCode[]; errorOf(code: ErrorCode): AuthError } {
  const issues = sampleIssues(schema)
  return {
    codes: [
      ...(issues.length > 0 ? (['validation_failed'] as const) : []),
      ...(newPassword === undefined ? [] : (['password_rejected'] as const)),
    ],
    errorOf: (code) => {
      if (code === 'password_rejected') return rejected(lengths, newPassword)
      if (code === 'validation_failed') return new AuthError(code, issues.length > 0 ? { issues } : {})
      return new AuthError(code, { retryAfter: retryAfter[code] })
    },
  }
}

/** What is wrong with a request that has no fields, or else with fields that nobody can keep, or name twice. */
function sampleIssues({ body, querystring }: ServedRoute['schema']): Issue[] {
  const fieldsOf = (value: unknown) => (schema: unknown) =>
    schema instanceof z.ZodType ? issuesOf(schema.safeParse(value).error ?? new z.ZodError([])) : []
  const named = (value: unknown, schema: unknown) =>
    Object.fromEntries(
      (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []).map((name) => [name, value]),
    )
  const missing = [body, querystring].flatMap(fieldsOf({}))
  if (missing.length > 0) return missing
  const repeated = fieldsOf(named(['', ''], querystring))(querystring)
  return [...halfCharacterIssues(named('\ud83d', body)), ...repeated].slice(0, 1)
}

function rejected(lengths: FieldTexts['lengths'], field: string | undefined): AuthError {
  const password: PasswordPolicy = { ...lengths, isStrict: false }
  try {
    checkForm({ realm: { password } }, '', field)
  } catch (error) {
    if (error instanceof AuthError) return error
  }
  return new AuthError('password_rejected')
}

import type { z } from 'zod'
import { AuthError, type Issue } from '../core/errors.ts'
import { halfCharacterIssues } from './half-characters.ts'
import type { App } from './types.ts'

/** Of an answer: a list of 30,000 wrong entries would be answered with a megabyte. */
const maxIssues = 50

/** Has what a route reads checked against its zod schema. A request that fails is refused with `validation_failed`. */
export function validateRequests(app: App): void {
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (value) => {
    const given = value ?? {}
    if (typeof given !== 'object' || Array.isArray(given)) return { error: new AuthError('bad_request') }
    const parsed = schema.safeParse(given)
    const issues = parsed.success ? halfCharacterIssues(parsed.data) : issuesOf(parsed.error)
    if (parsed.success && issues.length === 0) return { value: parsed.data }
    return { error: new AuthError('validation_failed', { issues }) }
  })
}

/** What is wrong with which fields, by a schema's error. */
export function issuesOf({ issues }: z.ZodError): Issue[] {
  return issues.slice(0, maxIssues).map(({ path, message }) => ({ field: path.join('.'), message }))
}

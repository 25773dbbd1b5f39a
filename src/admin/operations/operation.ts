import { z } from 'zod'
import { AuthError, type Issue } from '../../core/errors.ts'
import type { Capability } from '../../core/operators/capabilities.ts'
import { OperatorError } from '../../core/operators/operator-error.ts'
import { lineField } from '../../http/fields.ts'
import { halfCharacterIssues } from '../../http/half-characters.ts'
import type { Desk } from '../desk.ts'
import { fieldRules } from './field-rules.ts'

/** Something that operators can see or do, declared once: pages, the API and the command line serve it. */
export interface Operation<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  /** Its name for ever, such as `accounts.disable`. */
  name: string
  /** What it does, in a sentence without a full stop. */
  summary: string
  capability: Capability
  /** Whether it is about one realm or the whole server. */
  at: 'realm' | 'server'
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the API, and below the realm where it is about one; `:name` stands for the field of that name. */
  path: string
  /** It needs a proof of who is there within the last ten minutes; a `reason` is among its fields. */
  isDangerous?: boolean
  /** Its fields: those in the path, and of the query or the body. A `reason` goes into the audit trail. */
  input: In
  output: Out
  run(desk: Desk, input: z.output<In>): Promise<z.input<Out>>
}

/** Declares an operation. */
export function defineOperation<In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
): Operation<In, Out> {
  return operation
}

/** Why an operator does something: one line that the audit trail keeps. */
export const reasonField = lineField({
  min: 1,
  max: 200,
  message: fieldRules.reason,
})

/** The output of what answers nothing. */
export const nothing = z.object({})

/** In a list, where the page that follows begins. */
export const nextField = z.string().nullable().describe('The `after` of the next page; null at the end')

/** Whether whoever is at the desk may do it at all. */
export function isAllowed(
  { asker, ctx }: Desk,
  { capability, at }: Pick<Operation, 'capability' | 'at'>,
): boolean {
  return asker.may(capability, at === 'realm' ? ctx.realm.name : undefined)
}

/**
 * Does what an operation is for whoever is at the desk, with the reason in the audit trail. Throws `not_allowed`,
 * `proof_needed`, `validation_failed`, and as the operation does.
 */
export async function perform<In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
  desk: Desk,
  input: unknown,
): Promise<z.input<Out>> {
  if (!isAllowed(desk, operation)) throw new OperatorError('not_allowed')
  if (operation.isDangerous && !desk.asker.isProven) throw new OperatorError('proof_needed')
  const data = readFields(operation.input, input)
  const { reason } = data as { reason?: string }
  const ctx = reason === undefined ? desk.ctx : { ...desk.ctx, note: reason }
  return operation.run({ ...desk, ctx }, data)
}

/** The fields as a schema has them. Throws `validation_failed`. */
export function readFields<Fields extends z.ZodType>(schema: Fields, given: unknown): z.output<Fields> {
  const { data, error } = schema.safeParse(given)
  const issues = error ? issuesOf(error) : [...halfCharacterIssues(data), ...nulIssues(data)]
  if (error || issues.length > 0) throw new AuthError('validation_failed', { issues })
  return data
}

function issuesOf({ issues }: z.ZodError) {
  return issues.map(({ path, message }) => ({ field: path.join('.'), message }))
}

/** An issue for each field with a NUL in its text, which PostgreSQL neither keeps nor looks for. Lists are looked into. */
function nulIssues(fields: unknown): Issue[] {
  return Object.entries(fields ?? {})
    .filter(([, value]) => [value].flat().some((text) => typeof text === 'string' && text.includes('\0')))
    .map(([field]) => ({ field, message: fieldRules.nul }))
}

import type { Issue } from '../core/errors.ts'

/**
 * An issue for each field whose text holds half a character, as JSON may write one (`"\ud83d"`): nothing can keep it,
 * and all halves would be the same in a hash. Lists of text are looked into.
 */
export function halfCharacterIssues(fields: unknown): Issue[] {
  return Object.entries(fields ?? {}).flatMap(([field, value]) =>
    [value].flat().some((text) => typeof text === 'string' && !text.isWellFormed()) ? [issueFor(field)] : [],
  )
}

function issueFor(field: string): Issue {
  const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`
  return { field, message: `${name} holds half a character.`, rule: 'malformed' }
}

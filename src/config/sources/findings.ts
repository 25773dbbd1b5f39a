import type { z } from 'zod'

/** One value in a file, by the names and numbers that lead to it. */
export type Path = PropertyKey[]

/** Something that is wrong at one place of a file. */
export interface Finding {
  path: Path
  problem: string
}

type Issue = z.core.$ZodIssue

/** Messages for issues that zod leaves generic. A value is never repeated: it may be a secret. */
export function wordsFor({ code, ...issue }: z.core.$ZodRawIssue): string | undefined {
  if (code !== 'invalid_type') return undefined
  if (issue.input === undefined) return 'is missing'
  return issue.expected === 'string' ? 'must be text: put it into quotes' : 'must be a section of settings'
}

/** Everything that the schema finds, one finding for each key. */
export function findingsOf(issues: readonly Issue[], within: Path = []): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const path = [...within, ...issue.path]
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...path, key], problem: 'is not a setting' }))
    if (issue.code === 'invalid_key') return findingsOf(issue.issues, path)
    // Where one alternative is wrong further inside, it is the one that was meant.
    const meant = issue.code === 'invalid_union' ? issue.errors.find(isInside) : undefined
    return meant ? findingsOf(meant, path) : [{ path, problem: issue.message }]
  })
}

function isInside(issues: Issue[]): boolean {
  return issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys')
}

/** `realms.main.dialects.vastly.clients[0].origins[1]` */
export function pathText(path: Path): string {
  return path.map(stepText).join('').replace(/^\./, '')
}

/** What is no name may be a value that went astray, and so a secret. */
function stepText(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`
  return /^[\w-]{1,64}$/.test(String(step)) ? `.${String(step)}` : '.(a key that is no name)'
}

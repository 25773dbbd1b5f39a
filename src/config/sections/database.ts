import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { filesOf, validatePostgresUrl } from '../../lib/postgres-url.ts'
import type { DatabaseLocation } from '../../store/types.ts'

const rule = 'must be sqlite:PATH or postgres://…'

/** `sqlite:PATH` or `postgres://…`. Problems repeat nothing of it but names and the paths of files. */
export const databaseUrl = z
  .string(rule)
  .trim()
  .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/s, { error: rule, abort: true })
  .superRefine((url, { addIssue }) => {
    const message = validateUrl(url)
    if (message !== undefined) addIssue({ code: 'custom', message })
  })
  .transform(
    (url): DatabaseLocation =>
      isSqlite(url) ? { engine: 'sqlite', path: url.slice('sqlite:'.length) } : { engine: 'postgres', url },
  )

/** What is wrong with a URL; `undefined` for nothing. */
function validateUrl(url: string): string | undefined {
  if (isSqlite(url)) return undefined
  const problem = validatePostgresUrl(url)
  if (problem !== undefined) return problem
  const unusable = filesOf(url).find(([, path]) => !isPem(path))
  return unusable && `has a ${unusable[0]} that is no PEM file, or cannot be read: ${unusable[1]}`
}

function isSqlite(url: string): boolean {
  return url.startsWith('sqlite:')
}

function isPem(path: string): boolean {
  try {
    return readFileSync(path, 'latin1').includes('-----BEGIN ')
  } catch {
    return false
  }
}

import { createHash } from 'node:crypto'

/** Names under which PostgreSQL keeps statements prepared. */
export interface StatementNames {
  /** One name for each text; none once there are too many texts to keep prepared. */
  of(sql: string): string | undefined
  /** Has every statement be prepared again, under another name. */
  renew(): void
}

const maxNames = 500

/** Names made of the text alone: behind a pooler, one that another process has given means the same statement. */
export function statementNames(): StatementNames {
  const names = new Map<string, string>()
  let round = 0
  return {
    of: (sql) => {
      let name = names.get(sql)
      if (!name && names.size < maxNames) {
        name = `${createHash('sha256').update(sql).digest('base64url')}.${round}`
        names.set(sql, name)
      }
      return name
    },
    renew: () => {
      names.clear()
      round++
    },
  }
}

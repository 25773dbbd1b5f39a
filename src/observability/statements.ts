const kinds = new Set(['select', 'insert', 'update', 'delete', 'begin', 'commit', 'rollback', 'connect'])

/** The first word of a statement, or `other`. */
export function kindOfStatement(sql: string): string {
  const [word = ''] = /\w+/.exec(sql) ?? []
  const kind = word.toLowerCase()
  return kinds.has(kind) ? kind : 'other'
}

export interface Import {
  from: string
  isType: boolean
  /** It is exported again. */
  isExport: boolean
  /** What is taken of it, by its own names; `*` stands for all. */
  names: string[]
}

/** What a source text imports, statically, dynamically or to export it again. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source)
  const statement = /^[ \t]*(import|export)\b\s*([^'"`;()=]*?\bfrom\s*)?['"]([^'"]+)['"]/gm
  const dynamic = /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g
  return [
    ...[...code.matchAll(statement)].map(([, word, clause = '', from = '']) => ({
      from,
      isType: isTypeOnly(clause),
      isExport: word === 'export',
      names: namesIn(clause) ?? ['*'],
    })),
    ...[...code.matchAll(dynamic)].map(([, from = '']) => ({
      from,
      isType: false,
      isExport: false,
      names: ['*'],
    })),
  ]
}

/** `type { A }`, or `{ type A, type B }`: nothing of it is left at run time that matters. */
function isTypeOnly(clause: string): boolean {
  if (/^type\b(?!\s*(,|from\b))/.test(clause)) return true
  return partsOf(clause)?.every((name) => name.startsWith('type ')) ?? false
}

function namesIn(clause: string): string[] | undefined {
  return partsOf(clause.replace(/^type\b\s*/, ''))?.map((part) =>
    part.replace(/^type\s+/, '').replace(/\s+as\s.*$/s, ''),
  )
}

function partsOf(clause: string): string[] | undefined {
  const names = /^\{([^}]*)\}\s*from\s*$/.exec(clause)?.[1]?.split(',')
  return names?.map((name) => name.trim()).filter(Boolean)
}

/** Strings are passed over, so that an address in one is no comment. */
export function withoutComments(source: string): string {
  const token = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g
  return source.replace(token, (_, text = '') => text)
}

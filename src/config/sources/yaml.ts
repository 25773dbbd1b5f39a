import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import type { Environment } from './environment.ts'
import type { Finding, Path } from './findings.ts'

/** A file of settings, as it is written. */
export interface YamlFile {
  document: Document.Parsed
  /** The line of the key or the entry at a path, else of its nearest parent. */
  lineOf(path: Path): number
  problems: string[]
}

/** The parser's errors, in words that repeat nothing of the file: any of it may be a secret. */
const faults: Record<string, string> = {
  BAD_ALIAS: 'refers to an anchor that is not there: put text that begins with * into quotes',
  BAD_INDENT: 'is not indented as it must be',
  BAD_SCALAR_START: 'begins with a character that must be put into quotes',
  BLOCK_AS_IMPLICIT_KEY: 'has a colon too many, or text that must be put into quotes',
  DUPLICATE_KEY: 'repeats a key',
  MISSING_CHAR: 'lacks a character, such as a closing quote or bracket, or the blank behind a colon',
  MULTILINE_IMPLICIT_KEY: 'has a key of several lines, or lacks a colon',
  MULTIPLE_DOCS: 'begins a second document',
  TAB_AS_INDENT: 'is indented by a tab, where YAML wants blanks',
  TAG_RESOLVE_FAILED: 'has a tag that is not known: put text that begins with ! into quotes',
}

/** Reads YAML 1.2. */
export function parseYaml(text: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const lineAt = (offset: number) => lines.linePos(offset).line
  // What is wrong with a line is what was found first; the rest mostly follows from that.
  const problems = new Map<number, string>()
  for (const { code, pos } of [...document.errors, ...document.warnings, ...looseAliases(document)]) {
    const line = lineAt(pos[0])
    if (!problems.has(line))
      problems.set(line, `line ${line} ${faults[code] ?? 'is not YAML that can be read'}`)
  }
  return { document, problems: [...problems.values()], lineOf: (path) => lineAt(offsetOf(document, path)) }
}

/** Aliases without an anchor, which the parser does not report. */
function looseAliases(document: Document.Parsed): { code: string; pos: [number, number] }[] {
  const loose: { code: string; pos: [number, number] }[] = []
  visit(document, {
    Alias: (_key, alias) => {
      const [start = 0, end = 0] = alias.range ?? []
      if (!alias.resolve(document)) loose.push({ code: 'BAD_ALIAS', pos: [start, end] })
    },
  })
  return loose
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node = document.contents as Node | null
  let offset = node?.range?.[0] ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null
    if (isMap(node)) {
      const pair = pairOf(node, step)
      if (!pair) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node)) {
      node = (node.items[step as number] as Node | undefined) ?? null
      offset = node?.range?.[0] ?? offset
    } else break
  }
  return offset
}

function pairOf(map: YAMLMap, name: PropertyKey) {
  return map.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(name))
}

const reference = /\$\$\{|\$\{([^}]*)(\})?/g
const content = /^([A-Za-z_]\w*)(?::-(.*))?$/s

/**
 * Puts variables of the environment into the values of a file: `${NAME}`, and `${NAME:-text}` where the text stands in
 * for one that is empty or not set; `$${` is a dollar and a brace.
 */
export function fillIn({ document }: YamlFile, environment: Environment): Finding[] {
  const findings: Finding[] = []
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replace(reference, (whole: string, inner?: string, end?: string) => {
        if (inner === undefined) return '${'
        const [, name, standIn] = content.exec(inner) ?? []
        const value = name === undefined || end === undefined ? undefined : environment[name] || standIn
        if (value !== undefined) return value
        findings.push({
          path: pathOf([...ancestors, node] as (Node | Pair)[]),
          problem: referenceProblem(name, end),
        })
        return whole
      })
    },
  })
  return findings
}

/** The variables that a value refers to. */
export function variablesIn(text: string): string[] {
  const inner = [...text.matchAll(reference)].flatMap(([, inner]) => (inner === undefined ? [] : [inner]))
  return inner.flatMap((inner) => content.exec(inner)?.[1] ?? [])
}

function referenceProblem(name: string | undefined, end: string | undefined): string {
  const advice = 'double the dollar if none is meant'
  if (end === undefined) return `lacks the brace that ends a variable: ${advice}`
  if (name === undefined) return `names no variable between its braces: ${advice}`
  return `refers to the variable ${name}, which is not set`
}

/** The path to the last of nodes each of which is inside the one before. */
function pathOf(nodes: (Node | Pair)[]): Path {
  return nodes.flatMap((node, depth): Path => {
    if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)]
    return isSeq(node) ? [node.items.indexOf(nodes[depth + 1])] : []
  })
}

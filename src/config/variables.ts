import { isPair, isScalar, isSeq, type Node, type Pair, visit } from 'yaml'
import type { Environment } from './environment.ts'
import type { Path, YamlFile } from './yaml.ts'

/** Something that is wrong at one place of a file. */
export interface Finding {
  path: Path
  problem: string
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
          problem: wrongWith(name, end),
        })
        return whole
      })
    },
  })
  return findings
}

function wrongWith(name: string | undefined, end: string | undefined): string {
  const advice = 'double the dollar if none is meant'
  if (end === undefined) return `lacks the brace that ends a variable: ${advice}`
  if (name === undefined) return `names no variable between its braces: ${advice}`
  return `refers to the variable ${name}, which is not set`
}

/** The names and numbers on the way through the nodes of a document. */
function pathOf(nodes: (Node | Pair)[]): Path {
  return nodes.flatMap((node, depth): Path => {
    if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)]
    return isSeq(node) ? [node.items.indexOf(nodes[depth + 1])] : []
  })
}

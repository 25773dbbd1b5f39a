/** Whether a path (of the build context, with `/` between its parts) is left out by a `.dockerignore`. */
export function ignoredBy(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const isException = line.startsWith('!')
      return { isException, pattern: patternOf(isException ? line.slice(1) : line) }
    })
  return (path) => {
    const parts = path.split('/')
    const withParents = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    const last = rules.findLast(({ pattern }) => withParents.some((parent) => pattern.test(parent)))
    return last !== undefined && !last.isException
  }
}

function patternOf(rule: string): RegExp {
  const parts = rule.replace(/^\/|\/$/g, '').split(/(\*\*\/|\*\*|\*|\?)/)
  const signs: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }
  return new RegExp(
    `^${parts.map((part) => signs[part] ?? part.replace(/[.+^${}()|[\]\\]/g, '\\$&')).join('')}$`,
  )
}

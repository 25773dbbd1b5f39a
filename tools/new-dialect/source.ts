/** The word by which places are found where a person must decide. */
export const mark = 'DECIDE'

/** A value as TypeScript has it. */
export function literal(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** The name of a field, in quotes where it needs some. */
export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name)
}

/** An object literal with these sources at these places. */
export function objectOf(entries: [path: string[], source: string][]): string {
  const inner = new Map<string, [string[], string][]>()
  for (const [[first = '', ...rest], source] of entries)
    inner.set(first, [...(inner.get(first) ?? []), [rest, source]])
  const members = [...inner].map(([name, below]) => {
    const [[rest, source] = [[], 'null']] = below
    const value = rest.length === 0 ? source : objectOf(below)
    return member(name, value)
  })
  return `{ ${members.join(', ')} }`
}

/** A member of an object literal. */
export function member(name: string, source: string): string {
  return source === name ? name : `${keyOf(name)}: ${source}`
}

/** `body.email`, or `body['e-mail']` */
export function of(holder: string, ...names: string[]): string {
  return names.reduce(
    (at, name) => (keyOf(name) === name ? `${at}.${name}` : `${at}[${literal(name)}]`),
    holder,
  )
}

/** Comments that say what was seen and what to decide. */
export function marks(open: string[]): string {
  return open.map((text) => `// ${mark}: ${text.replaceAll(/\s+/g, ' ')}\n`).join('')
}

/** An import of those of these names that the code uses. */
export function importOf(names: string[], code: string, module: string): string {
  const used = names.filter((name) => new RegExp(`\\b${name.replace('type ', '')}\\b`).test(code))
  return used.length > 0 ? `import { ${used.join(', ')} } from '${module}'\n` : ''
}

/** `harbor-club` as `Harbor Club` */
export function titleOf(name: string): string {
  return name.replaceAll(/(^|-)([a-z\d]?)/g, (_, hyphen, letter) => `${hyphen && ' '}${letter.toUpperCase()}`)
}

import { type Draft, meaningOf } from './draft.ts'
import { isOptional } from './refusals.ts'
import { namesOf, type Part, type Route } from './roles.ts'
import { keyOf, literal, marks, member, of } from './source.ts'

/** The readers of those fields that the schemas use, with the sentences that were seen when they were wrong. */
export function fieldsSource({ routes, form }: Draft, schemas: string): string {
  const known = routes.filter(({ part }) => part !== undefined).map(({ route }) => route)
  const all = [...new Set(known.flatMap(namesOf))]
  const names = all.filter(
    (name) =>
      schemas.includes(`${of('fields', name)} `) ||
      schemas.includes(`${of('fields', name)},`) ||
      schemas.includes(`${of('fields', name)})`),
  )
  if (names.length === 0) return ''
  const open: string[] = []
  const readers = names.map((name) => `${keyOf(name)}: ${readerOf(name, known, form.fields, open)},\n`)
  const isNeeded = (name: string) =>
    schemas.replaceAll(`optional(${of('fields', name)})`, '').includes(of('fields', name))
  const isHeard = (name: string) => form.fields.has(`missing ${name}`) || form.fields.has(`wrong ${name}`)
  const unheard = names.filter((name) => isNeeded(name) && !isHeard(name))
  if (unheard.length > 0)
    open.push(
      `no refusal was seen without ${unheard.map((name) => `\`${name}\``).join(', ')}: with which words?`,
    )
  return `${marks(open)}const fields = {\n${readers.join('')}}\n`
}

function readerOf(name: string, routes: Route[], sentences: Map<string, string>, open: string[]): string {
  const shown = name.replaceAll(/[^\w -]/g, '')
  const missing = sentences.get(`missing ${name}`) ?? `The field ${shown} is needed.`
  const wrong = sentences.get(`wrong ${name}`) ?? `The field ${shown} is not right.`
  if (meaningOf(name) === 'email') return `emailField(${literal(sentences.get(`wrong ${name}`) ?? missing)})`
  const values = routes.flatMap(({ exchanges }) => exchanges.filter(({ status }) => status < 300))
  const value = values.map(({ body }) => body[name]).find((one) => one !== undefined && one !== null)
  if (typeof value === 'boolean') return `booleanField(${literal(wrong)})`
  if (typeof value === 'object' || typeof value === 'number') {
    open.push(
      `\`${shown}\` was ${typeof value === 'number' ? 'a number' : 'an object or a list'}: what may it hold?`,
    )
    return typeof value === 'number' ? `z.number(${literal(wrong)})` : 'z.unknown()'
  }
  return `requiredText({ missing: ${literal(missing)}, notText: ${literal(wrong)} })`
}

/** The schema of a route, as the option of its declaration; `undefined` where it reads nothing. */
export function schemaOf(draft: Draft, route: Route, part: Part): string | undefined {
  const members = namesOf(route).map((name) => member(name, memberOf(draft, route, part, name)))
  const parameters = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => `${name}: z.string()`)
  const query = part.role === 'confirm' || part.role === 'reset' ? queryOf(route) : []
  const schemas = [
    ...(members.length > 0 ? [`body: z.object({ ${members.join(', ')} })`] : []),
    ...(parameters.length > 0 ? [`params: z.object({ ${parameters.join(', ')} })`] : []),
    ...(query.length > 0
      ? [
          `querystring: z.object({ ${query.map((name) => member(name, "z.string().default('')")).join(', ')} })`,
        ]
      : []),
  ]
  return schemas.length > 0 ? `{ ${schemas.join(', ')} }` : undefined
}

function memberOf({ tokens }: Draft, route: Route, { role }: Part, name: string): string {
  const isToken =
    /token/i.test(name) &&
    (role === 'signOut' || (role === 'refresh' && (tokens.cookie || readsBearer(route))))
  if (isToken) return `optionalToken(${literal(`${name} must be text.`)})`
  return isOptional(route, name) ? `optional(${of('fields', name)})` : of('fields', name)
}

export function readsBearer({ exchanges }: Route): boolean {
  return exchanges.some(({ status, hasBearer }) => hasBearer && status < 300)
}

/** The names in the queries of a route. */
export function queryOf({ exchanges }: Route): string[] {
  return [...new Set(exchanges.flatMap(({ query }) => Object.keys(query)))]
}

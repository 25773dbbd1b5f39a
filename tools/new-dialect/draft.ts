import { type ErrorForm, errorFormOf } from './error-form.ts'
import { type Exchange, withPlainNames } from './exchange.ts'
import { type TokenFacts, tokenFactsOf } from './lifetimes.ts'
import { emailName, namesOf, type Part, partOf, passwordName, type Role, type Route } from './roles.ts'
import { routesOf } from './routes-seen.ts'
import { type Wording, wordingOf } from './wording.ts'

/** All that was made out of a recording or a document, before any of it is written. */
export interface Draft {
  name: string
  /** What all paths begin with; may be empty. */
  prefix: string
  routes: { route: Route; part: Part | undefined }[]
  /** Routes that are not the door's, as far as their paths tell. */
  leftOut: Route[]
  form: ErrorForm
  tokens: TokenFacts
  wording: Wording
  /** Names of fields that one signs up with and that are no credentials. */
  profile: string[]
}

/** Throws where nothing signs in. */
export function draftOf(name: string, exchanges: Exchange[]): Draft {
  const plain = exchanges.map(({ answer, ...rest }) => ({
    ...withPlainNames(rest),
    answer: answer === undefined ? answer : withPlainNames(answer),
  }))
  const all = routesOf(plain).map((route) => ({ route, part: partOf(route) }))
  if (!all.some(({ part }) => part?.role === 'signIn'))
    throw new Error('Nothing there signs in: no request with a name and a password is answered with a token.')
  const prefix = prefixOf(all.filter(({ part }) => part?.isSure).map(({ route }) => route.path))
  const isOurs = ({ route, part }: Draft['routes'][number]) =>
    part !== undefined || (prefix !== '' && route.path.startsWith(`${prefix}/`) && !wasNeverThere(route))
  const routes = all.filter(isOurs)
  const wording = wordingOf(exchanges)
  const signUp = routes.find(({ part }) => part?.role === 'signUp')?.route
  return {
    name,
    prefix,
    routes,
    leftOut: all.filter((one) => !isOurs(one)).map(({ route }) => route),
    form: errorFormOf(
      all.map(({ route }) => route),
      wording,
    ),
    tokens: tokenFactsOf(routes),
    wording,
    profile: signUp ? namesOf(signUp).filter((field) => meaningOf(field) === 'other') : [],
  }
}

/** The first route of that role, if any. */
export function routeOf({ routes }: Draft, role: Role): Route | undefined {
  return routes.find(({ part }) => part?.role === role)?.route
}

/** What was seen of a path that nothing answers. */
function wasNeverThere({ exchanges }: Route): boolean {
  return exchanges.every(({ status }) => status === 404 || status === 405)
}

/** Whole steps that all have in common, without those that are parameters. */
function prefixOf(paths: string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split('/').slice(0, -1))
  let length = first.length
  for (const other of others)
    while (length > 0 && first.slice(0, length).join('/') !== other.slice(0, length).join('/')) length--
  const steps = first.slice(0, length)
  const parameter = steps.findIndex((step) => step.startsWith(':'))
  return steps.slice(0, parameter < 0 ? length : parameter).join('/')
}

export type Meaning = 'email' | 'username' | 'phone' | 'identifier' | 'password' | 'repetition' | 'other'

/** What a field of credentials is, by its name. */
export function meaningOf(field: string): Meaning {
  if (passwordName.test(field))
    return /confirm|repeat|again|verif|2$/i.test(field) ? 'repetition' : 'password'
  if (emailName.test(field)) return 'email'
  if (/^user_?name$/i.test(field)) return 'username'
  if (/^(phone|mobile)/i.test(field)) return 'phone'
  return /^(identifier|login|user)$/i.test(field) ? 'identifier' : 'other'
}

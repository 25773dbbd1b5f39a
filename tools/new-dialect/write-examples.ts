import type { ErrorCode } from '../../src/core/errors.ts'
import { type Draft, meaningOf, routeOf } from './draft.ts'
import { isSuccess } from './exchange.ts'
import { secretSource } from './handlers.ts'
import { isOptional } from './refusals.ts'
import { namesOf, type Part, type Route } from './roles.ts'
import { literal, member } from './source.ts'

/** The fields of a route with values of tests; `credentials` and `secret` where the caller has them. */
export function bodySource(route: Route, holder: string): string {
  const names = namesOf(route)
  const members = names.map((name) => member(name, valueIn(route, name, holder)))
  return `{ ${members.join(', ')} }`
}

export function valueIn(route: Route, name: string, holder: string): string {
  const meaning = meaningOf(name)
  if (meaning === 'password' || meaning === 'repetition')
    return holder === '' ? 'password' : `${holder}.password`
  if (meaning === 'email' || meaning === 'identifier')
    return holder === '' ? 'freshEmail()' : `${holder}.email`
  if (meaning === 'username') return "freshEmail().replace(/@.*/, '').replaceAll('-', '')"
  if (meaning === 'phone') return 'freshPhone()'
  const value = route.exchanges.find(({ status, body }) => status < 300 && body[name] !== undefined)?.body[
    name
  ]
  if (typeof value === 'boolean') return 'true'
  if (typeof value === 'number') return '1'
  return typeof value === 'object' && value !== null ? '{}' : "'Some text'"
}

/** All routes of the door, with requests that are in order. */
export function routesUnderTest(draft: Draft): string {
  const known = draft.routes.map(({ route, part }) => routeUnderTest(draft, route, part))
  if (!routeOf(draft, 'secondFactor'))
    known.push(`{
      method: 'POST', path: \`\${base}/second-factor\`, status: ${draft.form.rows.get('challenge_invalid')?.status ?? 401}, fields: ['challenge', 'code'],
      example: async () => ({ body: { challenge: 'none', code: '000000' } }),
    }`)
  return known.join(', ')
}

function routeUnderTest(draft: Draft, route: Route, part: Part | undefined): string {
  // An access token alone signs out.
  const fields = part && part.role !== 'signOut' ? namesOf(route) : []
  const optional = fields.filter((name) => isOptional(route, name))
  const { status, example } = exampleOf(draft, route, part)
  const needsAccess = part?.role === 'me' || part?.role === 'signOut'
  const readsBearer =
    !needsAccess && route.exchanges.some(({ hasBearer, status }) => hasBearer && status < 300)
  const path =
    route.path.startsWith(draft.prefix) && draft.prefix !== ''
      ? `\`\${base}${route.path.slice(draft.prefix.length)}\``
      : literal(route.path)
  const lines = [
    `method: ${literal(route.method)},`,
    `path: ${path},`,
    `status: ${status},`,
    ...(needsAccess ? ['needsAccess: true,'] : []),
    ...(readsBearer ? ['readsBearer: true,'] : []),
    `fields: ${JSON.stringify(fields)},`,
    ...(optional.length > 0 ? [`optional: ${JSON.stringify(optional)},`] : []),
    `example: ${example},`,
  ]
  return `{\n${lines.join('\n')}\n}`
}

function exampleOf(draft: Draft, route: Route, part: Part | undefined): { status: number; example: string } {
  const seen = route.exchanges.find((exchange) => isSuccess(exchange))?.status ?? 200
  const refused = (code: ErrorCode, usual: number) => draft.form.rows.get(code)?.status ?? usual
  const token = namesOf(route).find((name) => /token|refresh/i.test(name))
  switch (part?.role) {
    case undefined:
      return { status: refused('route_not_found', 404), example: 'async () => ({})' }
    case 'me':
    case 'signOut':
      return {
        status: seen,
        example: 'async (server) => ({ access: (await signInShared(adapter, server)).access })',
      }
    case 'signIn':
      return {
        status: seen,
        example: `async (server) => { const credentials = await sharedAccount(adapter, server)\nreturn { body: ${bodySource(route, 'credentials')} } }`,
      }
    case 'refresh': {
      const shown =
        token === undefined
          ? `headers: { cookie: \`${draft.tokens.cookie?.name ?? ''}=\${encodeURIComponent(refresh)}\` }`
          : `body: { ${member(token, 'refresh')} }`
      return {
        status: seen,
        example: `async (server) => { const { refresh } = await signInShared(adapter, server)\nreturn { ${shown} } }`,
      }
    }
    case 'secondFactor':
      return {
        status: refused('challenge_invalid', 401),
        example: `async () => ({ body: ${bodySource(route, '')} })`,
      }
    case 'reset':
    case 'confirm':
      return mailedExample(draft, route, part.role, { seen, refused: refused('ticket_invalid', 400) })
    default:
      return { status: seen, example: `async () => ({ body: ${bodySource(route, '')} })` }
  }
}

/** Its secret comes by mail: of a reset that is asked for, or of a sign-up. */
function mailedExample(
  draft: Draft,
  route: Route,
  role: 'reset' | 'confirm',
  status: { seen: number; refused: number },
) {
  const [holder = '', name = ''] = secretSource(route).split('.')
  const body = namesOf(route).map((field) =>
    member(field, field === name && holder === 'body' ? 'secret' : valueIn(route, field, '')),
  )
  const parts = [
    ...(holder === 'params' ? [`params: { ${member(name, 'secret')} }`] : []),
    ...(holder === 'query' ? [`query: { ${member(name, 'secret')} }`] : []),
    ...(body.length > 0 ? [`body: { ${body.join(', ')} }`] : []),
  ]
  const example = `({ ${parts.join(', ')} })`
  if (role === 'reset' && routeOf(draft, 'forgot'))
    return {
      status: status.seen,
      example: `async (server) => {
        const { email: to } = await openAccount(adapter, server)
        const mail = await mailCausedBy(server, { to, subject: /^Set a new password/ }, () => recovery.forgot(server, to))
        const secret = recovery.readSecret(mail)
        return ${example.slice(1, -1)}
      }`,
    }
  if (role === 'confirm' && routeOf(draft, 'signUp'))
    return {
      status: status.seen,
      example: `async (server) => {
        const to = freshEmail()
        const mail = await mailCausedBy(server, { to, subject: /^Confirm/ }, () => adapter.signUp(server, { email: to, password }))
        const secret = queryOf(mail.links[0], 'token')
        return ${example.slice(1, -1)}
      }`,
    }
  return {
    status: status.refused,
    example: `async () => { const secret = 'none'\nreturn ${example.slice(1, -1)} }`,
  }
}

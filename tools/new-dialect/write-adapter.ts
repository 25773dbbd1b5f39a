import type { ErrorCode } from '../../src/core/errors.ts'
import { type Draft, meaningOf, routeOf } from './draft.ts'
import { isSuccess, leavesOf } from './exchange.ts'
import { isOptional } from './refusals.ts'
import { namesOf, type Part, type Route } from './roles.ts'
import { importOf, keyOf, literal, marks, member, of } from './source.ts'
import { secretSource, signInAnswers } from './write-routes.ts'

const kit = [
  'type Answer',
  'type DialectUnderTest',
  'freshEmail',
  'mailCausedBy',
  'openAccount',
  'queryOf',
  'type Recovery',
  'sharedAccount',
  'signInShared',
  'type TestServer',
  'type TokenAnswer',
]

/** `adapter.ts`: how the contract speaks to the door. */
export function adapterSource(draft: Draft): string {
  const { name, prefix, form, tokens } = draft
  const status = (code: ErrorCode, usual: number) => form.rows.get(code)?.status ?? usual
  const invalid = status('validation_failed', 400)
  const signIn = call(draft, 'signIn', 'credentials')
  const code = `const base = ${literal(prefix)}
const password = 'four words and blanks'

${recoverySource(draft, status('ticket_invalid', 400))}
/** How the contract speaks to this door. */
export const adapter: DialectUnderTest = {
  name: ${literal(name)},
  prefixes: [base],
  origin: 'http://localhost:3000',
  accessLifetime: ${tokens.accessLifetime ?? 3600},
  maxSessions: 100,
  statuses: { signIn: ${status('credentials_invalid', 401)}, access: ${status('access_invalid', 401)}, rejectedPassword: ${status('password_rejected', invalid)}, invalid: ${invalid} },

  assertError({ status: given, headers, body, text }, status) {
    assert.equal(given, status, text)
    assert.equal(headers.get('content-type'), ${literal(form.contentType)})
    assert.deepEqual(Object.keys(body), ${JSON.stringify(form.keys)})
    ${wordChecks(draft)}
  },

  ${openAccountSource(draft)}
  signUp: (server, credentials) => ${call(draft, 'signUp', 'credentials')},
  signIn: async (server, credentials) => readTokens(await ${signIn}),
  ${callersSource(draft)}
  ${refreshingSource(draft, status('refresh_invalid', 401))}
  ${routeOf(draft, 'forgot') && routeOf(draft, 'reset') ? 'recovery,' : ''}
  ${blindSource(draft)}
  routes: [${routesUnderTest(draft)}],
}

${readTokensSource(draft)}
${freshPhoneSource(draft)}`
  return `import assert from 'node:assert/strict'\n${importOf(kit, code, 'manydoors/contract')}\n${code.replaceAll(/,\s*\n(\s*\n)+(?= *\w)/g, ',\n')}`
}

/** The source of a request to the first route of a role; what it sends is in `holder`. */
function call(draft: Draft, role: Part['role'], holder: string): string {
  const route = routeOf(draft, role)
  const body = route ? bodySource(route, holder) : '{}'
  const path = route ? pathSource(route.path, draft.prefix) : 'base'
  return `server.request(${literal(route?.method ?? 'POST')}, ${path}, { json: ${body} })`
}

/** `:token` as what the caller has in `secret`. */
function pathSource(path: string, prefix: string): string {
  const isBelow = prefix !== '' && path.startsWith(prefix)
  const below = isBelow ? path.slice(prefix.length) : path
  return `\`${isBelow ? inserted('base') : ''}${below.replaceAll(/:\w+/g, inserted('encodeURIComponent(secret)'))}\``
}

/** A placeholder in a template of the generated code. */
function inserted(source: string): string {
  return ['$', '{', source, '}'].join('')
}

/** The fields of a route with values of tests; `credentials` and `secret` where the caller has them. */
function bodySource(route: Route, holder: string): string {
  const names = namesOf(route)
  const members = names.map((name) => member(name, valueIn(route, name, holder)))
  return `{ ${members.join(', ')} }`
}

function valueIn(route: Route, name: string, holder: string): string {
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

function wordChecks({ form }: Draft): string {
  return [
    ...(form.codePath
      ? [
          `assert.match(${of('body', ...form.codePath)}, ${form.isUpperCase ? '/^[A-Z_]+$/' : '/^[\\w.-]+$/'})`,
        ]
      : []),
    ...(form.messagePath ? [`assert.match(${of('body', ...form.messagePath)}, /^\\S.*\\S$/)`] : []),
  ].join('\n')
}

function openAccountSource(draft: Draft): string {
  const signUp = routeOf(draft, 'signUp')
  const confirm = routeOf(draft, 'confirm')
  const status = signUp?.exchanges.find(isSuccess)?.status ?? 201
  const opened = `const answer = await adapter.signUp(server, credentials)
    assert.equal(answer.status, ${status}, answer.text)`
  if (!confirm || !draft.form.rows.has('email_unverified'))
    return `async openAccount(server, credentials) {\n${opened}\n},`
  const source = secretSource(confirm)
  const body = source.startsWith('body') ? `, { json: { ${source.replace(/^body\.?/, '')}: secret } }` : ''
  const query = source.startsWith('query') ? ` + '?${source.replace(/^query\.?/, '')}=' + secret` : ''
  return `async openAccount(server, credentials) {
    const mail = await mailCausedBy(server, { to: credentials.email, subject: /^Confirm/ }, async () => {
      ${opened}
    })
    const secret = queryOf(mail.links[0], 'token')
    const confirmed = await server.request(${literal(confirm.method)}, ${pathSource(confirm.path, draft.prefix)}${query}${body})
    assert.ok(confirmed.status < 300, confirmed.text)
  },`
}

function callersSource(draft: Draft): string {
  const signOut = routeOf(draft, 'signOut')
  const me = routeOf(draft, 'me')
  const request = (route: Route) =>
    `(server, bearer) => server.request(${literal(route.method)}, ${pathSource(route.path, draft.prefix)}, { bearer })`
  const open = me
    ? []
    : [
        'no route was seen that takes an access token and says who one is: which takes one? Else askLate is needed',
      ]
  const ask = me ?? signOut
  return `${signOut ? `signOut: ${request(signOut)},` : ''}
  ${marks(open)}ask: ${ask ? request(ask) : "(server, bearer) => server.request('GET', base, { bearer })"},`
}

function refreshingSource(draft: Draft, status: number): string {
  const { tokens } = draft
  const route = routeOf(draft, 'refresh')
  if (!route) return ''
  const field = namesOf(route).find((name) => /token|refresh/i.test(name))
  const cookie = tokens.cookie?.name ?? ''
  const json =
    field === undefined
      ? `{ headers: { cookie: \`${cookie}=\${encodeURIComponent(token)}\` } }`
      : `{ json: { ${member(field, 'token')} } }`
  return `refreshing: {
    rotation: ${literal(tokens.isReplaced === false ? 'static' : 'grace')},
    form: ${literal(tokens.form)},
    idleLifetime: ${tokens.idleLifetime ?? 30 * 86_400},
    absoluteLifetime: ${365 * 86_400},
    status: ${status},
    refresh: async (server, token) => readTokens(await server.request(${literal(route.method)}, ${pathSource(route.path, draft.prefix)}, ${json})),
  },`
}

function recoverySource(draft: Draft, status: number): string {
  const forgot = routeOf(draft, 'forgot')
  const reset = routeOf(draft, 'reset')
  if (!forgot || !reset) return ''
  const source = secretSource(reset)
  const inBody = namesOf(reset).map((name) => {
    const isSecret = source === `body.${name}`
    return member(name, isSecret ? 'secret' : valueIn(reset, name, 'credentials'))
  })
  return `const recovery: Recovery = {
    lifetime: 3600,
    status: ${status},
    forgot: (server, email) => server.request(${literal(forgot.method)}, ${pathSource(forgot.path, draft.prefix)}, { json: ${emailBody(forgot)} }),
    readSecret: ({ links }) => queryOf(links[0], 'token'),
    reset: (server, { secret, ...credentials }) => server.request(${literal(reset.method)}, ${pathSource(reset.path, draft.prefix)}${source.startsWith('query') ? " + '?token=' + secret" : ''}, { json: { ${inBody.join(', ')} } }),
  }\n`
}

/** What must be sent, and what may be left out is. */
function emailBody(route: Route): string {
  const needed = namesOf(route).filter((name) => !isOptional(route, name))
  const members = needed.map((name) =>
    member(name, meaningOf(name) === 'email' ? 'email' : valueIn(route, name, '')),
  )
  return `{ ${members.join(', ')} }`
}

function blindSource(draft: Draft): string {
  const forgot = routeOf(draft, 'forgot')
  return `blind: {
    'sign-in': async (server, email) => (await adapter.signIn(server, { email, password: 'wrong-password' })).answer,
    ${forgot && routeOf(draft, 'reset') ? "'forgot-password': (server, email) => recovery.forgot(server, email)," : ''}
  },\n`
}

function routesUnderTest(draft: Draft): string {
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

/** Where numbers are sent: one that no other test uses. */
function freshPhoneSource({ routes }: Draft): string {
  if (!routes.some(({ route }) => namesOf(route).some((name) => meaningOf(name) === 'phone'))) return ''
  return `let phones = 40_000_000
function freshPhone(): string {
  return ['+47', ++phones].join('')
}`
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

function readTokensSource(draft: Draft): string {
  const answers = signInAnswers(draft)
  const leaves = leavesOf(answers[0]?.answer).filter(
    ({ value, name }) => typeof value === 'string' && !/type|expir/i.test(name),
  )
  const access = leaves.find(({ name }) => /access|^token$|jwt|id_?token|bearer/i.test(name))
  const refresh = leaves.find(({ name }) => /refresh/i.test(name))
  const at = (path: string[]) =>
    path.reduce(
      (at, name) => (keyOf(name) === name ? `${at}?.${name}` : `${at}?.[${literal(name)}]`),
      'answer.body',
    )
  const cookie = draft.tokens.cookie ? `cookieOf(answer, ${literal(draft.tokens.cookie.name)})` : "''"
  return `function readTokens(answer: Answer): TokenAnswer {
  ${access ? '' : marks(['no access token was seen in a body: where is it?'])}const access = ${at(access?.path ?? ['token'])}
  if (typeof access !== 'string') return { answer }
  return { answer, tokens: { access, refresh: ${refresh ? at(refresh.path) : cookie} } }
}
${
  refresh || !draft.tokens.cookie
    ? ''
    : `
function cookieOf({ cookies }: Answer, name: string): string {
  return decodeURIComponent(cookies.find((cookie) => cookie.startsWith(\`\${name}=\`))?.slice(name.length + 1) ?? '')
}`
}`
}

import type { ErrorCode } from '../../src/core/errors.ts'
import { type Draft, meaningOf, routeOf } from './draft.ts'
import { isSuccess, leavesOf } from './exchange.ts'
import { secretSource } from './handlers.ts'
import { isOptional } from './refusals.ts'
import { namesOf, type Part, type Route } from './roles.ts'
import { importOf, keyOf, literal, marks, member, of } from './source.ts'
import { signInAnswers } from './successes.ts'
import { bodySource, routesUnderTest, valueIn } from './write-examples.ts'

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
@constants@
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
  ${signUpSource(draft)}
  signIn: async (server, credentials) => readTokens(await ${signIn}),
  ${callersSource(draft)}
  ${refreshingSource(draft, status('refresh_invalid', 401))}
  ${routeOf(draft, 'forgot') && routeOf(draft, 'reset') ? 'recovery,' : ''}
  ${blindSource(draft)}
  routes: [${routesUnderTest(draft)}],
}

${readTokensSource(draft)}
${freshPhoneSource(draft)}`
  const hasPassword = /\bpassword\b(?!:)[^']/.test(code.replaceAll(/\.password\b|'[^']*'/g, ''))
  const constants = hasPassword ? "const password = 'four words and blanks'\n" : ''
  return `import assert from 'node:assert/strict'\n${importOf(kit, code.replaceAll('openAccount(server', ''), 'manydoors/contract')}\n${code.replace('@constants@', constants).replaceAll(/,\s*\n(\s*\n)+(?= *\w)/g, ',\n')}`
}

function signUpSource(draft: Draft): string {
  if (routeOf(draft, 'signUp'))
    return `signUp: (server, credentials) => ${call(draft, 'signUp', 'credentials')},`
  return `${marks(['no sign-up was seen: how does a test open an account?'])}signUp: async () => assert.fail('nobody can sign up'),`
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

/** Where numbers are sent: one that no other test uses. */
function freshPhoneSource({ routes }: Draft): string {
  if (!routes.some(({ route }) => namesOf(route).some((name) => meaningOf(name) === 'phone'))) return ''
  return `let phones = 40_000_000
function freshPhone(): string {
  return ['+47', ++phones].join('')
}`
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

import { type Draft, meaningOf, routeOf } from './draft.ts'
import { asFields, type Exchange, isSuccess, leavesOf } from './exchange.ts'
import { createPresenters, type Given, type Presenters } from './presenters.ts'
import { namesOf, type Part, type Role, type Route } from './roles.ts'
import { importOf, literal, marks, member, of } from './source.ts'
import { fieldsSource, queryOf, readsBearer, schemaOf } from './write-fields.ts'

const kit = [
  'type Account',
  'type App',
  'AuthError',
  'answerChallenge',
  'bearerToken',
  'booleanField',
  'confirmSignUp',
  'emailField',
  'type FastifyReply',
  'forCallers',
  'optional',
  'optionalToken',
  'readCookie',
  'readIdentifier',
  'refresh',
  'requestActivation',
  'requestPasswordReset',
  'requiredText',
  'resetPassword',
  'type SignedIn',
  'signIn',
  'signInNewAccount',
  'signOut',
  'signUpOpenly',
  'z',
]

/** A route on its way to its source: what it does, and what a person must decide. */
interface Handler {
  open: string[]
  lines: string
  given: Given
  /** It answers by a presenter of its own name. */
  name: string
}

/** `routes.ts` */
export function routesSource(draft: Draft): string {
  const presenters = createPresenters(draft.wording, draft.profile)
  const declared = draft.routes.map(({ route, part }) => routeSource(draft, presenters, route, part))
  if (!routeOf(draft, 'secondFactor')) declared.push(addedSecondFactor(draft, presenters))
  const code = `const base = ${literal(draft.prefix)}
${cookieConstants(draft)}
${fieldsSource(draft, declared.join('\n'))}
/** Each route reads, calls one use-case of the core, and presents what that returns. */
export function routes(app: App): void {
${declared.join('\n')}
}

${presenters.source()}
${cookieFunctions(draft)}`
  return `${importOf(kit, code, 'manydoors/dialect')}\n${code}`
}

function routeSource(draft: Draft, presenters: Presenters, route: Route, part: Part | undefined): string {
  const method = `app.${route.method.toLowerCase()}`
  const path = pathSource(draft, route.path)
  if (!part) return unknownRoute(route, method, path)
  const { open, lines, given, name } = handlers[part.role](draft, route)
  const unsure = part.isSure ? [] : [`taken for ${part.role}, by its fields and answers alone: is it?`]
  const { answers, borrowed } = answersOf(draft, route, part.role, given)
  const source = presenters.present(
    name,
    answers.map(({ answer }) => answer),
    given,
  )
  const challenge = part.role === 'signIn' ? challengeSource(presenters, route) : ''
  const schema = schemaOf(draft, route, part)
  const options = part.role === 'me' ? 'forCallers, ' : schema ? `{ schema: ${schema} }, ` : ''
  const status = answers[0]?.status ?? 200
  const result =
    status === 200 && source !== '' ? `return ${source}` : `return reply.code(${status}).send(${source})`
  const code = [lines, challenge, keepsCookie(draft, part.role), result]
    .filter((line) => line !== '')
    .join('\n')
  return `${marks([...unsure, ...open, ...borrowed])}${method}(${path}, ${options}async (${argumentsOf(code)}) => {\n${code}\n})\n`
}

/** The successes of a route; those of signing in, where none of its own was seen. */
function answersOf(
  draft: Draft,
  route: Route,
  role: Role,
  given: Given,
): { answers: Exchange[]; borrowed: string[] } {
  const own = successes(route, role)
  const isKnown = own.length > 0 || (given !== 'signedIn' && given !== 'refreshed')
  if (isKnown) return { answers: own, borrowed: [] }
  return {
    answers: signInAnswers(draft),
    borrowed: ['it was never seen to succeed, and answers as signing in does: does it?'],
  }
}

function successes(route: Route | undefined, role: Role): Exchange[] {
  return route?.exchanges.filter((one) => isSuccess(one) && !isChallenge(role, one.answer)) ?? []
}

/** What signing in is answered with where no second factor is wanted. */
export function signInAnswers(draft: Draft): Exchange[] {
  return successes(routeOf(draft, 'signIn'), 'signIn')
}

/** Names of the request's parts where the code asks for no more than those. */
function argumentsOf(code: string): string {
  const reply = /\breply\b/.test(code) ? ', reply' : ''
  if (/\brequest\b/.test(code)) return `request${reply}`
  const parts = ['ctx', 'body', 'params', 'query', 'caller'].filter((part) =>
    new RegExp(`\\b${part}\\b(?!:)`).test(code),
  )
  return parts.length > 0 ? `{ ${parts.join(', ')} }${reply}` : `${reply ? '_request, reply' : ''}`
}

function unknownRoute({ method, path: shown, exchanges }: Route, declare: string, path: string): string {
  const statuses = [...new Set(exchanges.map(({ status }) => status))].join(', ')
  const names = [...new Set(exchanges.flatMap(({ body }) => Object.keys(body)))].join(', ') || 'no fields'
  const open = [`${method} ${shown} was seen with ${names}, and answered with ${statuses}: what does it do?`]
  return `${marks(open)}${declare}(${path}, async () => {\nthrow new AuthError('route_not_found')\n})\n`
}

function pathSource({ prefix }: Draft, path: string): string {
  const isBelow = prefix !== '' && path.startsWith(prefix)
  return isBelow ? `\`\${base}${path.slice(prefix.length)}\`` : literal(path)
}

const handlers: Record<Role, (draft: Draft, route: Route) => Handler> = {
  signUp(draft, route) {
    const opensSession = route.exchanges.some(({ answer, status }) => status < 300 && hasToken(answer))
    const open = draft.form.rows.has('email_taken')
      ? []
      : ['no refusal of an address that is taken was seen: may everybody learn of it? Else signUpSilently']
    const account = opensSession || presentsAccount(route) ? 'const account = ' : ''
    const lines = `${verificationLink}
      ${account}await signUpOpenly(ctx, { ${credentials(draft, route)}, verificationLink })
      ${opensSession ? 'const signedIn = await signInNewAccount(ctx, account)' : ''}`
    return {
      open,
      lines,
      given: opensSession ? 'signedIn' : account ? 'account' : 'nothing',
      name: 'presentNewAccount',
    }
  },
  signIn(_, route) {
    const identifier =
      namesOf(route).find((name) => !['password', 'repetition', 'other'].includes(meaningOf(name))) ?? ''
    const password = namesOf(route).find((name) => meaningOf(name) === 'password') ?? ''
    const meaning = meaningOf(identifier)
    const named =
      meaning === 'identifier'
        ? `...readIdentifier(${of('body', identifier)})`
        : `${meaning}: ${of('body', identifier)}`
    const lines = `const signedIn = await signIn(ctx, { ${named}, password: ${of('body', password)} })`
    return { open: [], lines, given: 'signedIn', name: 'presentSignedIn' }
  },
  secondFactor(_, route) {
    const names = namesOf(route)
    const code = names.find((name) => /code|otp|pin/i.test(name)) ?? ''
    const challenge = names.find((name) => name !== code)
    const open = challenge === undefined ? ['no field for the challenge was seen: where is it sent?'] : []
    const given = challenge === undefined ? "''" : of('body', challenge)
    const lines = `const signedIn = await answerChallenge(ctx, { challenge: ${given}, code: ${of('body', code)} })`
    return { open, lines, given: 'signedIn', name: 'presentSignedIn' }
  },
  refresh(draft, route) {
    const field = namesOf(route).find((name) => /token|refresh/i.test(name))
    const sent = [
      ...(field === undefined ? [] : [of('request.body', field)]),
      ...(readsBearer(route) ? ['bearerToken(request)'] : []),
      ...(draft.tokens.cookie ? ['readCookie(request, cookieName)'] : []),
    ]
    const open =
      sent.length === 1
        ? []
        : [`${sent.length} ways to send a refresh token were seen: which counts, where two differ?`]
    const lines =
      sent.length === 1 && field !== undefined
        ? `const refreshed = await refresh(ctx, ${of('body', field)})`
        : `const token = ${sent.join(' ?? ') || 'undefined'}
          if (token === undefined) throw new AuthError('refresh_invalid')
          const refreshed = await refresh(request.ctx, token)`
    return { open, lines, given: 'refreshed', name: 'presentRefreshed' }
  },
  signOut(draft, route) {
    const field = namesOf(route).find((name) => /token/i.test(name))
    const tokens = [
      ...(field === undefined ? [] : [of('request.body', field)]),
      ...(draft.tokens.cookie ? ['readCookie(request, cookieName)'] : []),
    ]
    const lines = `await signOut(request.ctx, { access: bearerToken(request)${tokens.length > 0 ? `, refresh: [${tokens.join(', ')}]` : ''} })`
    return { open: [], lines, given: 'nothing', name: 'presentSignedOut' }
  },
  me: () => ({ open: [], lines: 'const { account } = caller', given: 'account', name: 'presentMe' }),
  forgot(_, route) {
    const others = namesOf(route).filter((name) => meaningOf(name) !== 'email')
    const open = ['the link in the mail leads to the hosted page: to which page of the app should it?']
    if (others.length > 0)
      open.push(
        `${others.join(', ')} of the request is read and not used: what is it for? allowsRedirect checks addresses`,
      )
    return {
      open,
      lines: mailed('requestPasswordReset', 'reset-password', route),
      given: 'nothing',
      name: 'presentForgot',
    }
  },
  confirmAgain: (_, route) => ({
    open: [],
    lines: mailed('requestActivation', 'verify-email', route),
    given: 'nothing',
    name: 'presentConfirmAgain',
  }),
  reset(_, route) {
    const password = namesOf(route).find((name) => meaningOf(name) === 'password') ?? ''
    const hasRepetition = namesOf(route).some((name) => meaningOf(name) === 'repetition')
    const open = hasRepetition
      ? ['the password is sent twice: what when they differ? isSamePassword compares them']
      : []
    const lines = `await resetPassword(ctx, { token: ${secretSource(route)}, password: ${of('body', password)} })`
    return { open, lines, given: 'nothing', name: 'presentReset' }
  },
  confirm(_, route) {
    const account = presentsAccount(route) ? 'const account = ' : ''
    const lines = `${account}await confirmSignUp(ctx, ${secretSource(route)})`
    return { open: [], lines, given: account ? 'account' : 'nothing', name: 'presentConfirmed' }
  },
}

const verificationLink = `const verificationLink = \`\${ctx.publicUrl}/ui/verify-email?token={token}\``

function mailed(useCase: string, page: string, route: Route): string {
  const email = namesOf(route).find((name) => meaningOf(name) === 'email') ?? ''
  return `const link = \`\${ctx.publicUrl}/ui/${page}?token={token}\`
    await ${useCase}(ctx, { email: ${of('body', email)}, link, brand: ctx.client.brand })`
}

/** Where the secret of a mail is sent. */
export function secretSource(route: Route): string {
  const isSecret = (name: string) => /token|code|ticket|key|secret/i.test(name)
  const field = namesOf(route).find(isSecret)
  if (field !== undefined) return of('body', field)
  const [, parameter] = /:(\w+)/.exec(route.path) ?? []
  if (parameter !== undefined) return of('params', parameter)
  return of('query', queryOf(route).find(isSecret) ?? 'token')
}

function credentials({ profile }: Draft, route: Route): string {
  const names = namesOf(route)
  const own = names.flatMap((name) => {
    const meaning = meaningOf(name)
    if (meaning === 'repetition' || meaning === 'other') return []
    return meaning === 'identifier'
      ? [`...readIdentifier(${of('body', name)})`]
      : [`${meaning}: ${of('body', name)}`]
  })
  const kept = profile.map((name) => member(name, `String(${of('body', name)} ?? '')`))
  return [...own, ...(kept.length > 0 ? [`profile: { ${kept.join(', ')} }`] : [])].join(', ')
}

function presentsAccount({ exchanges }: Route): boolean {
  const leaves = exchanges.filter(isSuccess).flatMap(({ answer }) => leavesOf(answer))
  return leaves.some(({ name }) => /^e-?mail$|^(_?id|uid|user_?id|sub)$/i.test(name))
}

function hasToken(answer: unknown): boolean {
  return leavesOf(answer).some(
    ({ name, value }) =>
      typeof value === 'string' && /access|^token$|jwt|id_?token|bearer/i.test(name) && !/type/i.test(name),
  )
}

/** A sign-in that wants a second factor: a secret, and no access token beside a refresh token or a user. */
function isChallenge(role: Role, answer: unknown): boolean {
  if (role !== 'signIn' || asFields(answer) === undefined) return false
  const names = leavesOf(answer).map(({ name }) => name)
  return (
    names.some((name) => /two|2fa|mfa|challenge|factor|otp/i.test(name)) &&
    !names.some((name) => /refresh|access/i.test(name))
  )
}

function challengeSource(presenters: Presenters, { exchanges }: Route): string {
  const answers = exchanges.filter(
    (exchange) => isSuccess(exchange) && isChallenge('signIn', exchange.answer),
  )
  const source = presenters.present(
    'presentChallenge',
    answers.map(({ answer }) => answer),
    'challenge',
  )
  if (source !== '') return `if (!signedIn.isComplete) {\nconst { challenge } = signedIn\nreturn ${source}\n}`
  return `${marks(['no sign-in with a second factor was seen: how is its challenge told?'])}if (!signedIn.isComplete) return { challenge: signedIn.challenge }`
}

/** Other doors may have set up a second factor, and none lets its owner in without it. */
function addedSecondFactor(draft: Draft, presenters: Presenters): string {
  const signedIn = signInAnswers(draft)
  const source = presenters.present(
    'presentSignedIn',
    signedIn.map(({ answer }) => answer),
    'signedIn',
  )
  return `${marks(['no route for a second factor was seen, and one is needed: another door may have set one up. Which path and fields?'])}
  app.post(\`\${base}/second-factor\`, { schema: { body: z.object({ challenge: z.string(), code: z.string() }) } }, async ({ ctx, body }${draft.tokens.cookie ? ', reply' : ''}) => {
    const signedIn = await answerChallenge(ctx, body)
    ${keepsCookie(draft, 'secondFactor')}
    return ${source}
  })`
}

function keepsCookie({ tokens }: Draft, role: Role): string {
  if (!tokens.cookie) return ''
  if (role === 'signOut') return 'reply.clearCookie(cookieName, cookieOptions)'
  const holder = role === 'refresh' ? 'refreshed' : 'signedIn'
  return role === 'refresh' || role === 'signIn' || role === 'secondFactor'
    ? `keepRefreshToken(reply, ${holder})`
    : ''
}

function cookieConstants({ tokens: { cookie } }: Draft): string {
  if (!cookie) return ''
  const { attributes } = cookie
  const sameSite = ['strict', 'lax', 'none'].find((one) => one === attributes.samesite?.toLowerCase())
  const options = [
    `path: ${literal(attributes.path ?? '/')}`,
    ...(attributes.httponly === undefined ? [] : ['httpOnly: true']),
    ...(attributes.secure === undefined ? [] : ['secure: true']),
    ...(sameSite ? [`sameSite: ${literal(sameSite)}`] : []),
  ]
  const open = ['the cookie was taken for that of the refresh token: is it?']
  if (attributes.domain !== undefined) open.push('the cookie had a Domain, which is left out: which one?')
  return `const cookieName = ${literal(cookie.name)}\n${marks(open)}const cookieOptions = { ${options.join(', ')} } as const\n`
}

function cookieFunctions({ tokens: { cookie } }: Draft): string {
  if (!cookie) return ''
  return `function keepRefreshToken(reply: FastifyReply, { session, tokens }: Pick<SignedIn, 'session' | 'tokens'>): void {
    reply.setCookie(cookieName, tokens.refreshToken, { ...cookieOptions, expires: new Date(session.absolute_expires_at) })
  }\n`
}

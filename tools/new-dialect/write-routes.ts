import { type Draft, routeOf } from './draft.ts'
import { isSuccess } from './exchange.ts'
import { handlers } from './handlers.ts'
import { createPresenters, type Presenters } from './presenters.ts'
import type { Part, Route } from './roles.ts'
import { importOf, literal, marks } from './source.ts'
import { answersOf, isChallenge, signInAnswers } from './successes.ts'
import { cookieConstants, cookieFunctions, keepsCookie } from './write-cookies.ts'
import { fieldsSource, schemaOf } from './write-fields.ts'

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
  return `${marks(['no route for a second factor was seen, and one is needed: another door may have set one up. Which path and fields?'])}app.post(\`\${base}/second-factor\`, { schema: { body: z.object({ challenge: ${neededText('challenge')}, code: ${neededText('code')} }) } }, async ({ ctx, body }${draft.tokens.cookie ? ', reply' : ''}) => {
    const signedIn = await answerChallenge(ctx, body)
    ${keepsCookie(draft, 'secondFactor')}
    return ${source}
  })`
}

function neededText(name: string): string {
  return `requiredText({ missing: 'The field ${name} is needed.', notText: 'The field ${name} is not right.' })`
}

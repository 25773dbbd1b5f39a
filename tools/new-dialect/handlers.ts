import { type Draft, meaningOf } from './draft.ts'
import { isSuccess, leavesOf } from './exchange.ts'
import type { Given } from './presenters.ts'
import { isOptional } from './refusals.ts'
import { namesOf, type Role, type Route } from './roles.ts'
import { member, of } from './source.ts'
import { queryOf, readsBearer } from './write-fields.ts'

/** A route on its way to its source: what it does, and what a person must decide. */
export interface Handler {
  open: string[]
  lines: string
  given: Given
  /** It answers by a presenter of its own name. */
  name: string
}

/** What a route of each role does. */
export const handlers: Record<Role, (draft: Draft, route: Route) => Handler> = {
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
  const kept = profile.map((name) => {
    const value = of('body', name)
    const isOpen = isOptional(route, name)
    return isOpen
      ? `...(${value} !== undefined && { ${member(name, `String(${value})`)} })`
      : member(name, `String(${value})`)
  })
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

import { type Fields, objectsIn } from './exchange.ts'
import { literal, marks, objectOf, of } from './source.ts'
import type { Wording } from './wording.ts'

/** What a presenter is given. */
export type Given = 'signedIn' | 'refreshed' | 'account' | 'challenge' | 'nothing'

interface Presenter {
  name: string
  parameters: string
  source: string
  open: string[]
}

/** Makes presenters of answers, each once. */
export interface Presenters {
  /** The source of the object that such answers are, for a route that has `given` at hand. */
  present(name: string, answers: unknown[], given: Given): string
  /** The source of all that was made. */
  source(): string
}

const parameters: Record<Given, string> = {
  signedIn: '{ account, session, tokens }: SignedIn',
  refreshed: "{ session, tokens }: Pick<SignedIn, 'session' | 'tokens'>",
  account: 'account: Account',
  challenge: 'challenge: string',
  nothing: '',
}

/** What a route has at hand when it calls a presenter. */
const handed: Record<Given, string> = {
  signedIn: 'signedIn',
  refreshed: 'refreshed',
  account: 'account',
  challenge: 'challenge',
  nothing: '',
}

/** `profile`: the names of fields that one signs up with and that are no credentials. */
export function createPresenters(wording: Wording, profile: string[]): Presenters {
  const made: Presenter[] = []
  const add = (name: string, given: Given, source: string, open: string[]): string => {
    const known = made.find((one) => one.source === source && one.parameters === parameters[given])
    const used = (one: string) => made.some(({ name }) => name === one)
    const free = used(name)
      ? [2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${name}${n}`).find((one) => !used(one))
      : name
    const presenter = known ?? { name: free ?? name, parameters: parameters[given], source, open }
    if (!known) made.push(presenter)
    return `${presenter.name}(${handed[given]})`
  }
  const object = (answers: Fields[], given: Given, path: string[], open: string[]): string => {
    const names = [...new Set(answers.flatMap((answer) => Object.keys(answer)))]
    return objectOf(
      names.map((name) => {
        const values = answers.map((answer) => answer[name]).filter((value) => value !== undefined)
        if (values.length < answers.length)
          open.push(`\`${[...path, name].join('.')}\` was not in every answer: when is it?`)
        return [[name], member(name, values, given, [...path, name], open)]
      }),
    )
  }
  const member = (name: string, values: unknown[], given: Given, path: string[], open: string[]): string => {
    const objects = objectsIn(values)
    if (objects.length > 0) {
      const isPerson = objects.some((one) => Object.keys(one).some((key) => /e-?mail/i.test(key)))
      if (isPerson && given === 'refreshed') {
        open.push(
          `\`${path.join('.')}\` was somebody, and a refreshed session comes without an account: is it needed?`,
        )
        return object(objects, given, path, [])
      }
      if (!isPerson || given === 'nothing') return object(objects, given, path, open)
      const own: string[] = []
      return add('presentUser', 'account', object(objects, 'account', [name], own), own)
    }
    return leafOf({ name, values, given, path, wording, profile, open })
  }
  return {
    present(name, answers, given) {
      const objects = objectsIn(answers)
      if (objects.length === 0) return ''
      const open: string[] = []
      const source = object(objects, given, [], open)
      if (given === 'nothing' && open.length === 0) return source
      return add(name, given, source, open)
    },
    source: () => made.map(sourceOf).join('\n'),
  }
}

/** It takes of what it is given what it uses. */
function sourceOf({ name, parameters, source, open }: Presenter): string {
  const taken = parameters.replace(/\{ (.*?) \}/, (_, names: string) => {
    const used = names.split(', ').filter((one) => new RegExp(`\\b${one}\\b(?!:)`).test(source))
    return `{ ${used.join(', ')} }`
  })
  const isUsed = taken.startsWith('{')
    ? !taken.startsWith('{  }')
    : new RegExp(`\\b${taken.split(':')[0]}\\b(?!:)`).test(source)
  const given = isUsed || taken === '' ? taken : `_${taken.replace('{  }', '')}`
  return `${marks(open)}function ${name}(${given}) {\n  return ${source}\n}\n`
}

interface Leaf {
  name: string
  values: unknown[]
  given: Given
  path: string[]
  wording: Wording
  profile: string[]
  open: string[]
}

function leafOf(leaf: Leaf): string {
  const { name, values, given, path, wording, open } = leaf
  const known = ofTokens(leaf) ?? ofAccount(leaf) ?? ofChallenge(leaf)
  if (known !== undefined) return known
  const told = new Set(values.map((value) => wording.tell(name, value)))
  const [word] = told
  if (told.size === 1 && word !== undefined) return literal(word)
  const [value] = values
  const isFixed = new Set(values).size === 1
  if (typeof value === 'boolean' && isFixed && given !== 'account') return literal(value)
  open.push(`\`${path.join('.')}\` was ${describe(values)}: what does it say?`)
  if (typeof value === 'boolean') return literal(value)
  if (Array.isArray(value)) return '[]'
  return typeof value === 'string' ? "''" : typeof value === 'number' ? '0' : 'null'
}

/** Says what it was without saying it. */
function describe(values: unknown[]): string {
  const kinds = values.map((value) =>
    value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`,
  )
  const kind = [...new Set(kinds)].join(' or ').replaceAll('a string', 'a text')
  const isOne = new Set(values.map((value) => JSON.stringify(value))).size === 1
  return values.length > 1 && isOne ? `${kind}, the same in all ${values.length} answers` : kind
}

function ofTokens({ name, values, given }: Leaf): string | undefined {
  if (given !== 'signedIn' && given !== 'refreshed') return undefined
  const value = values.find((one) => one !== null)
  const isRefresh = /refresh/i.test(name)
  const [expiry, from] = isRefresh
    ? ['tokens.refreshExpiresAt', 'tokens.issuedAt']
    : ['tokens.accessExpiresAt', 'tokens.issuedAt']
  if (/(expires?|expiry)_?(in)$|lifetime|ttl/i.test(name) && typeof value === 'number')
    return value > 1e7 ? `${expiry} - ${from}` : `(${expiry} - ${from}) / 1000`
  if (/expir/i.test(name)) return timeOf(expiry, value, true)
  if (typeof value !== 'string' || /type/i.test(name)) return undefined
  if (isRefresh) return 'tokens.refreshToken'
  if (/access|^token$|jwt|id_?token|bearer/i.test(name)) return 'tokens.accessToken'
  return /session_?id|^sid$/i.test(name) ? 'session.id' : undefined
}

function ofAccount({ name, values, given, profile, path, open }: Leaf): string | undefined {
  if (given !== 'signedIn' && given !== 'account') return undefined
  const value = values.find((one) => one !== null)
  if (/verified|confirmed/i.test(name)) {
    if (typeof value === 'boolean') return 'account.email_verified_at !== null'
    const time = timeOf('account.email_verified_at', value ?? '2030-01-01T00:00:00.000Z', false) ?? 'null'
    return `account.email_verified_at === null ? null : ${time}`
  }
  if (/created|registered|joined/i.test(name)) return timeOf('account.created_at', value, false)
  if (/updated|modified/i.test(name)) return timeOf('account.updated_at', value, false)
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  if (/^(_?id|uid|sub|(user|account)_?id)$/i.test(name)) {
    if (typeof value === 'number')
      open.push(
        `\`${path.join('.')}\` was a number, and ids of accounts are texts: can clients live with that?`,
      )
    return 'account.id'
  }
  if (/^e-?mail$/i.test(name)) return 'account.email'
  if (/^user_?name$/i.test(name)) return 'account.username'
  if (/^phone/i.test(name)) return 'account.phone'
  return profile.includes(name) ? `${of('JSON.parse(account.profile)', name)} ?? null` : undefined
}

function ofChallenge({ name, values, given }: Leaf): string | undefined {
  const isText = values.every((value) => typeof value === 'string')
  return given === 'challenge' && isText && /token|challenge|ticket|session/i.test(name)
    ? 'challenge'
    : undefined
}

/** An epoch in the form that was seen; `undefined` where that is none. */
function timeOf(epochMs: string, value: unknown, isWholeSecond: boolean): string | undefined {
  if (typeof value === 'number') {
    if (value > 1e11) return epochMs
    return isWholeSecond ? `${epochMs} / 1000` : `Math.floor(${epochMs} / 1000)`
  }
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return undefined
  const iso = `new Date(${epochMs}).toISOString()`
  return /\.\d+Z$/.test(value) ? iso : `${iso}.replace(/\\.\\d+Z$/, 'Z')`
}

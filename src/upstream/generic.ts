import type { Identifier } from '../core/accounts/identifiers.ts'
import {
  type Ask,
  orNothing,
  type RightPassword,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamProfile,
  unexpected,
} from '../core/switching/upstream.ts'
import type { AnswerPattern, BodyTemplate, GenericSettings } from './generic-settings.ts'
import { readPointer } from './json-pointer.ts'

/**
 * Asks an old server as its operator describes it. An answer that no pattern fits is none, and so nobody's password is
 * taken for wrong because the description is.
 */
export function genericUpstream(settings: GenericSettings): Upstream {
  const { path, headers, right, wrong, unconfirmed, secondFactor } = settings
  return {
    checkPassword: async (ask, identifier, password) => {
      const body = fillIn(settings.body, identifier, password)
      // The old server knows nobody by what was typed.
      if (!body) return { outcome: 'wrong' }
      const sent = settings.encoding === 'form' ? { form: formOf(body) } : { json: body }
      const answer = await ask({ method: 'POST', path, headers, ...sent })
      if (unconfirmed && fits(answer, unconfirmed)) return { ...rightWith({}), isUnconfirmed: true }
      if (secondFactor && fits(answer, secondFactor)) {
        const challenge = textAt(answer.json, secondFactor.challenge)
        const profile = profileIn(answer.json, settings)
        return { ...rightWith(profile), secondFactor: { ...(challenge !== undefined && { challenge }) } }
      }
      if (fits(answer, right)) return readRight(ask, settings, answer)
      return [wrong].flat().some((pattern) => fits(answer, pattern))
        ? { outcome: 'wrong' }
        : unexpected(answer)
    },
  }
}

async function readRight(
  ask: Ask,
  settings: GenericSettings,
  answer: UpstreamAnswer,
): ReturnType<Upstream['checkPassword']> {
  const { token, profilePath, signOutPath, headers } = settings
  const bearer = textAt(answer.json, token)
  const signOut = () => ask({ method: 'POST', path: signOutPath ?? '', bearer, headers })
  const asked =
    profilePath === undefined
      ? answer
      : await orNothing(ask({ method: 'GET', path: profilePath, bearer, headers }))
  const isKnown = asked !== undefined && (asked === answer || asked.status === 200)
  const profile = isKnown ? profileIn(asked.json, settings) : {}
  // An id that is not there names nobody, either.
  const isMissing = settings.profile?.id !== undefined && profile.id === undefined
  return {
    ...rightWith(profile),
    ...(isMissing && { isProfileMissing: true }),
    ...(signOutPath !== undefined && { signOut }),
  }
}

function rightWith(profile: UpstreamProfile): RightPassword {
  return { outcome: 'right', profile }
}

function fits({ status, json }: UpstreamAnswer, pattern: AnswerPattern): boolean {
  if (status !== pattern.status) return false
  if (pattern.pointer === undefined) return true
  const value = readPointer(json, pattern.pointer)
  if (pattern.equals !== undefined) return value === pattern.equals
  return value !== undefined && value !== null && value !== false
}

function profileIn(json: unknown, { profile: places = {} }: GenericSettings): UpstreamProfile {
  const { id, email, username, phone } = places
  const verified = places.emailVerified && readPointer(json, places.emailVerified)
  return {
    id: textAt(json, id),
    email: textAt(json, email),
    // A flag, or the time at which it was set.
    emailVerified: verified === undefined ? undefined : isSaid(verified),
    username: textAt(json, username),
    phone: textAt(json, phone),
    names: {
      firstName: textAt(json, places.firstName),
      lastName: textAt(json, places.lastName),
      fullName: textAt(json, places.fullName),
    },
  }
}

/** Whether a flag is set or a time is there, also where it is written as text. */
function isSaid(value: unknown): boolean {
  return Boolean(value) && !/^\s*(|0|f|false|n|no|off|null|0000-00-00.*)\s*$/i.test(String(value))
}

function textAt(json: unknown, pointer: string | undefined): string | undefined {
  const value = pointer === undefined ? undefined : readPointer(json, pointer)
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined
}

/** The body with what was typed; `undefined` where no place in it is for the identifier. */
function fillIn(
  template: Record<string, BodyTemplate>,
  identifier: Identifier,
  password: string,
): Record<string, unknown> | undefined {
  const [name = ''] = Object.values(identifier)
  const typed: Record<string, string | undefined> = { identifier: name, ...identifier }
  let isNamed = false
  const fill = (value: BodyTemplate): unknown => {
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value === 'object' && value !== null) {
      const fields = Object.entries(value).map(([key, part]) => [key, fill(part)] as const)
      return Object.fromEntries(fields.filter(([, part]) => part !== undefined))
    }
    const [, place = ''] = /^\{(email|username|phone|identifier|password)\}$/.exec(String(value)) ?? []
    if (place === '') return value
    if (place === 'password') return password
    isNamed ||= typed[place] !== undefined
    return typed[place]
  }
  const body = fill(template) as Record<string, unknown>
  return isNamed ? body : undefined
}

function formOf(body: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]))
}

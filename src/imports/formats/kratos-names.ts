import { foldEmail } from '../../core/accounts/emails.ts'
import type { ImportRecord } from '../../core/imports/neutral.ts'
import { UnreadableImport } from '../format.ts'
import type { JsonObject } from '../read/entry.ts'
import { asObject, asObjects } from '../values/object.ts'
import { asBoolean, asText } from '../values/text.ts'

/** Where in an identity a name stands, as a path such as `traits.contact.mail`. */
export type NamePaths = { [Name in 'email' | 'username' | 'phone']?: string[] }

export interface KratosNames
  extends Pick<ImportRecord, 'email' | 'emailVerified' | 'username' | 'phone' | 'phoneVerified'> {
  /** The traits that are none of these names. */
  otherTraits: JsonObject
}

const names = ['email', 'username', 'phone'] as const

/** The paths of a map. Throws `UnreadableImport` when it says anything else. */
export function readNamePaths(map: Record<string, unknown> | undefined): NamePaths {
  const paths: NamePaths = {}
  for (const [key, path] of Object.entries(map ?? {})) {
    const name = names.find((name) => name === key)
    if (!name)
      throw new UnreadableImport(`the map may have ${names.join(', ')}, and no ${JSON.stringify(key)}`)
    if (typeof path !== 'string' || !path) throw new UnreadableImport(`the map has no path for ${name}`)
    paths[name] = path.split('.')
  }
  return paths
}

/**
 * The names of an identity. Where the map says nothing, they are in the traits that most schemas have, or else are the
 * addresses that Kratos verifies. `identifiers` are those that a password goes with.
 */
export function readKratosNames(identity: JsonObject, paths: NamePaths, identifiers: string[]): KratosNames {
  const traits = asObject(identity.traits) ?? {}
  const addresses = addressesOf(identity)
  const at = (path: string[] | undefined) => path && textAt(identity, path)
  const email =
    at(paths.email) ??
    firstText(traits, ['email', 'emails']) ??
    firstAddress(addresses, 'email') ??
    recoveryEmail(identity)
  const phone =
    at(paths.phone) ??
    firstText(traits, ['phone', 'phone_number', 'phoneNumber']) ??
    firstAddress(addresses, 'sms')
  const username = at(paths.username) ?? firstText(traits, ['username']) ?? otherIdentifier(identifiers)
  return {
    email,
    emailVerified: email === undefined ? undefined : isVerified(addresses, 'email', email),
    username,
    phone,
    phoneVerified: phone === undefined ? undefined : isVerified(addresses, 'sms', phone),
    otherTraits: without(traits, [email, username, phone]),
  }
}

interface Address {
  value: string
  via: 'email' | 'sms'
  isVerified: boolean
}

function addressesOf({ verifiable_addresses }: JsonObject): Address[] {
  return asObjects(verifiable_addresses).flatMap(({ value, via, verified }) => {
    const text = asText(value)
    if (text === undefined || (via !== 'email' && via !== 'sms')) return []
    return [{ value: text, via, isVerified: asBoolean(verified) === true }]
  })
}

/** One that is verified, before others. */
function firstAddress(addresses: Address[], via: Address['via']): string | undefined {
  const fitting = addresses.filter((address) => address.via === via)
  return (fitting.find((address) => address.isVerified) ?? fitting[0])?.value
}

/** Another address of the same person says nothing of this one. */
function isVerified(addresses: Address[], via: Address['via'], name: string): boolean {
  const folded = fold(via, name)
  return addresses.some(
    (address) => address.isVerified && address.via === via && fold(via, address.value) === folded,
  )
}

function fold(via: Address['via'], name: string): string {
  return via === 'email' ? foldEmail(name) : name.replaceAll(/\D/g, '')
}

function recoveryEmail({ recovery_addresses }: JsonObject): string | undefined {
  const address = asObjects(recovery_addresses).find(({ via }) => via === 'email')
  return asText(address?.value)
}

/** One that is neither e-mail address nor phone number. */
function otherIdentifier(identifiers: string[]): string | undefined {
  return identifiers.find((identifier) => !identifier.includes('@') && !/^\+?\d+$/.test(identifier))
}

function firstText(traits: JsonObject, keys: string[]): string | undefined {
  return keys.map((key) => textIn(traits[key])).find((text) => text !== undefined)
}

function textAt(identity: JsonObject, path: string[]): string | undefined {
  let value: unknown = identity
  for (const key of path) value = asObject(value)?.[key]
  return textIn(value)
}

/** The text, or the first one of a list. */
function textIn(value: unknown): string | undefined {
  return asText(Array.isArray(value) ? value[0] : value)
}

function without(traits: JsonObject, taken: (string | undefined)[]): JsonObject {
  const others = Object.entries(traits).filter(([, value]) => {
    const text = asText(value)
    return text === undefined || !taken.includes(text)
  })
  return Object.fromEntries(others)
}

import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import { readBase64url } from '../../lib/base64url.ts'
import type { PasskeyRow } from '../../store/schema.ts'
import { AuthError } from '../errors.ts'

/** Of an answer with the longest credential id and attestation that there are, and of a key that we are handed. */
const maxAnswerLength = 16_384
const maxIdLength = 1400

/**
 * What a browser has answered, as JSON, as far as it has the shape of one. Throws `passkey_invalid`; what its texts say
 * is left to the library, which checks each.
 */
export function readAnswer<Answer extends { id: string; response: object }>(answer: string): Answer {
  const parsed = answer.length > maxAnswerLength ? undefined : parse(answer)
  if (!isAnswer(parsed)) throw new AuthError('passkey_invalid')
  return parsed as Answer
}

/** The challenge that an answer says it has signed; checked with the signature. Throws `passkey_invalid`. */
export function challengeIn({ response }: { response: { clientDataJSON: string } }): string {
  const { clientDataJSON } = response
  const told =
    typeof clientDataJSON === 'string' ? parse(Buffer.from(clientDataJSON, 'base64url').toString()) : {}
  const challenge = isRecord(told) ? told.challenge : undefined
  if (typeof challenge !== 'string') throw new AuthError('passkey_invalid')
  return challenge
}

/** Ways to an authenticator that a browser may name (WebAuthn §5.8.4); what else it names is left out. */
const knownTransports = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const

/** How a browser has reached the authenticator of a new passkey. */
export function transportsIn({ response }: RegistrationResponseJSON): string[] {
  const { transports: named } = response
  return Array.isArray(named) ? knownTransports.filter((transport) => named.includes(transport)) : []
}

/** What a browser is told of a passkey that it may use, or shall not make again. */
export function credentialOf({ id, transports }: PasskeyRow): {
  id: string
  type: 'public-key'
  transports: (typeof knownTransports)[number][]
} {
  return { id, type: 'public-key', transports: JSON.parse(transports) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isAnswer(value: unknown): value is { id: string; response: object } {
  if (!isRecord(value) || !isRecord(value.response)) return false
  const { id } = value
  return typeof id === 'string' && id !== '' && id.length <= maxIdLength && readBase64url(id) !== undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

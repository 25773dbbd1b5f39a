import { Secret } from 'otpauth'

/** The bytes that base64 or base64url stands for, padded or not; `undefined` when it is neither, or empty. */
export function asBase64(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || !base64.test(value)) return undefined
  const bytes = Buffer.from(value, 'base64')
  return bytes.length > 0 ? bytes : undefined
}

const base64 = /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/

/** Bounded, as else each sign of a long row would be the beginning of another try. */
const padding = /={1,6}$/

/** The secret of an authenticator as base32 in capitals, without padding; `undefined` when it is none. */
export function asBase32(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.replaceAll(/[\s-]/g, '').replace(padding, '').toUpperCase()
  // Some lengths are of no whole number of bytes (RFC 4648 §6).
  return /^[A-Z2-7]+$/.test(text) && ![1, 3, 6].includes(text.length % 8) ? text : undefined
}

/** The secret of an authenticator that is stored as hexadecimal digits, as base32; `undefined` when it is none. */
export function hexAsBase32(value: unknown): string | undefined {
  return typeof value === 'string' && /^([0-9a-f]{2})+$/i.test(value)
    ? Secret.fromHex(value).base32
    : undefined
}

/** The secret of an authenticator whose bytes are those of its text in UTF-8, as base32; `undefined` without any. */
export function textAsBase32(value: unknown): string | undefined {
  return typeof value === 'string' && value ? Secret.fromUTF8(value).base32 : undefined
}

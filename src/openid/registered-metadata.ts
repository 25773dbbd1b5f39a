import type { z } from 'zod'
import { endpoint, redirectUri } from './manifest/addresses.ts'
import { publicKeys } from './manifest/public-keys.ts'

const maxBytes = 16 * 1024
const maxTextLength = 2048
/** Whatever could show as something else, or break a line. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** What of the metadata of a client is held to the same rules as what operators set. */
const rules: [name: string, rule: z.ZodType, isList?: true][] = [
  ['redirect_uris', redirectUri, true],
  ['post_logout_redirect_uris', redirectUri, true],
  ['backchannel_logout_uri', endpoint],
  ['jwks_uri', endpoint],
  ['sector_identifier_uri', endpoint],
  ['client_uri', endpoint],
  ['logo_uri', endpoint],
  ['policy_uri', endpoint],
  ['tos_uri', endpoint],
  ['initiate_login_uri', endpoint],
  ['jwks', publicKeys],
]

/** What is wrong with what a client says of itself (RFC 7591 §2), beginning with the name of the field. */
export function findMetadataProblem(metadata: Record<string, unknown>): string | undefined {
  if (Buffer.byteLength(JSON.stringify(metadata)) > maxBytes)
    return `client metadata is over ${maxBytes} bytes`
  for (const [name, value] of Object.entries(metadata)) {
    const texts = textsIn(value)
    if (texts.some((text) => invisible.test(text))) return `${name} has characters that cannot be shown`
    if (texts.some((text) => text.length > maxTextLength)) return `${name} is too long`
  }
  for (const [name, rule, isList] of rules) {
    const value = metadata[name]
    const values = isList && Array.isArray(value) ? value : [value]
    for (const each of values.filter((each) => each !== undefined)) {
      const { error } = rule.safeParse(each)
      if (error) return `${name} ${error.issues[0]?.message}`
    }
  }
}

/** Every text in it, whatever it lies in. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => [name, ...textsIn(part)])
}

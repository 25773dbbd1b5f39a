import type { Allowed } from '../../core/openid/consents.ts'
import { fillIn } from '../../lib/fill-in.ts'
import type { Texts } from '../texts.ts'

/** What a scope allows an app, in words (OpenID Connect Core §5.4, §11). */
const scopeTexts = new Map<string, keyof Texts>([
  ['openid', 'scopeOpenid'],
  ['profile', 'scopeProfile'],
  ['email', 'scopeEmail'],
  ['phone', 'scopePhone'],
  ['address', 'scopeAddress'],
  ['offline_access', 'scopeOffline'],
])

/** What an app may do that was allowed something, as a person is told; by its name where it is of an operator's API. */
export function allowedText(allowed: Allowed, texts: Texts): string {
  if ('claim' in allowed) return fillIn(texts.scopeClaim, { claim: allowed.claim })
  const { scope, resource } = allowed
  if (resource !== undefined)
    return fillIn(texts.scopeOfResource, { scope, resource: URL.parse(resource)?.host || resource })
  const text = scopeTexts.get(scope)
  return text === undefined ? fillIn(texts.scopeOther, { scope }) : texts[text]
}
